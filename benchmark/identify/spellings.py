"""What a table calls a metric: the field's spellings, as data in ``spellings.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

from fusion_metrics import MetricSpec


def plain(name: str) -> str:
    """Reduce a name to small letters and digits, without what stands in brackets or marks a direction.

    Examples
    --------
    >>> plain("$Q^{AB/F}$ ↑"), plain("SSIM (%)"), plain("MS_SSIM"), plain("SeAFusion [12]")
    ('qabf', 'ssim', 'msssim', 'seafusion')
    """
    without = re.sub(r"\[[^\]]*\]|\([^)]*\)|\\[a-zA-Z]+", "", name)
    return re.sub(r"[^0-9a-z+]", "", (without if re.search(r"\w", without) else name).casefold())


def is_dear(metric: str) -> bool:
    """Whether a metric takes long."""
    return metric in _data()["cost"]["dear"]


def resembling(column: str, specs: Iterable[MetricSpec]) -> tuple[str, ...]:
    """Name the metrics that a column's heading may mean; none if it says nothing."""
    heading = plain(column)
    names: dict[str, None] = {}
    for spec in specs:
        spellings = {plain(spec.name), plain(spec.title), *_data()["names"].get(spec.name, ())}
        if heading in spellings or any(_extends(heading, spelling) for spelling in spellings):
            names[spec.name] = None
    return tuple(names)


def is_spelling(text: str) -> bool:
    """Whether a text is one of the field's names of a metric."""
    heading = plain(text)
    return heading in _every_spelling() or any(_extends(heading, spelling) for spelling in _every_spelling())


def _extends(heading: str, spelling: str) -> bool:
    """Whether a heading is a known name with something before or behind it, such as ``ssim_mean``."""
    return len(spelling) >= 3 and (heading.startswith(spelling) or heading.endswith(spelling)) and heading != spelling


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files("benchmark.identify").joinpath("spellings.toml").read_text(encoding="utf-8"))


@cache
def _every_spelling() -> frozenset[str]:
    return frozenset(spelling for spellings in _data()["names"].values() for spelling in spellings)
