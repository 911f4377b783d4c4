#!/usr/bin/env bash
# Build the documentation into build/site, with warnings as errors; what that needs is installed on top.
set -euo pipefail
cd "$(dirname "$0")/../.."
pip install --quiet --editable ".[docs]"
python -m mkdocs build --strict
