"""Inputs that are broken, odd or meant to harm, each with the command that meets it and how that must end."""

from __future__ import annotations

from tests.hostile.databases import DATABASES
from tests.hostile.images import FOLDERS, IMAGES
from tests.hostile.models import MODELS
from tests.hostile.requested import NAMES, REQUESTS

CASES = [*IMAGES, *FOLDERS, *DATABASES, *REQUESTS, *NAMES, *MODELS]
