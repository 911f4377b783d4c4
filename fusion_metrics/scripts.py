"""Scripts of the field as presets: which variants give the table that a script prints, in its order and words.

`declare_script` adds one, as `metric` adds a metric; plug-ins are found in the same way. A script's name stands for its
columns wherever metrics are asked for.

>>> find_script("cddfuse").columns["SD"]
'sd:cddfuse'
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fusion_metrics.errors import FusionMetricsError, UnknownMetric
from fusion_metrics.registry import list_metrics
from fusion_metrics.spec import MetricSpec


@dataclass(frozen=True)
class Script:
    """A program that people compute their tables with.

    Attributes
    ----------
    name : str
        What it is called here, and what the variants that reproduce it are called.
    title : str
        What it is, as a phrase.
    address : str
        Where it is published.
    state : str
        Which state of it is reproduced: commit and date, as far as they matter.
    cites : str
        Key in ``references.bib`` of the publication that its users cite.
    reads : str
        How a colour picture is read: a name of `fusion_metrics.grey.GREY_RULES`, or ``"each"`` for red, green and blue.
    columns : mapping of str to str
        Identifiers of variants by the names of the columns, in the order in which the script has them.
    notes : str
        What its users should know, in whole sentences.
    """

    name: str
    title: str
    address: str
    state: str
    cites: str
    reads: str
    columns: Mapping[str, str]
    notes: str


_scripts: dict[str, Script] = {}


def declare_script(script: Script) -> Script:
    """Add a script to the catalogue.

    Raises
    ------
    FusionMetricsError
        The name belongs to another script.
    """
    if _scripts.get(script.name, script) != script:
        raise FusionMetricsError(f"script {script.name!r} is already declared")
    _scripts[script.name] = script
    return script


def list_scripts() -> list[Script]:
    """List the declared scripts, in the order in which they were declared."""
    list_metrics()  # loads the plug-ins
    return list(_scripts.values())


def find_script(name: str) -> Script:
    """Look up a script.

    Raises
    ------
    UnknownMetric
        With the nearest names that exist.
    """
    known = {script.name: script for script in list_scripts()}
    if name not in known:
        raise UnknownMetric.named("script", name, known)
    return known[name]


def script_of(spec: MetricSpec) -> Script | None:
    """Find the script that a variant is called after: the longest name that the variant's begins with.

    >>> from fusion_metrics import create
    >>> script_of(create("ssim:tang-255").spec).name, script_of(create("te:nava").spec)
    ('tang', None)
    """
    fitting = [name for name in _scripts if spec.variant == name or spec.variant.startswith(f"{name}-")]
    return _scripts[max(fitting, key=len)] if fitting else None


def column_names(identifiers: Sequence[str]) -> list[str] | None:
    """Return the script's own names of columns, if these metrics are just those of one script in its order."""
    for script in list_scripts():
        if list(script.columns.values()) == list(identifiers):
            return list(script.columns)
    return None
