"""The works that metrics cite: one BibTeX file, read when somebody asks."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from importlib.resources import files

from fusion_metrics.errors import FusionMetricsError, nearest


@dataclass(frozen=True)
class Reference:
    """A cited work.

    Attributes
    ----------
    key, title, authors, year : str
    doi : str
        Empty where there is none.
    bibtex : str
        The whole entry.
    """

    key: str
    title: str
    authors: str
    year: str
    doi: str
    bibtex: str = ""


@functools.cache
def references() -> dict[str, Reference]:
    """Read all works of ``references.bib``, by key."""
    return _parse(files("fusion_metrics").joinpath("references.bib").read_text(encoding="utf-8"))


def reference(cites: str) -> Reference:
    """Look up what a metric cites.

    Parameters
    ----------
    cites : str
        A key of ``references.bib``, or a whole BibTeX entry, as a metric of another project brings it.

    Raises
    ------
    FusionMetricsError
        No such key, or text that is not one BibTeX entry.
    """
    if cites.lstrip().startswith("@"):
        entries = list(_parse(cites).values())
        if len(entries) != 1:
            raise FusionMetricsError(f"not one BibTeX entry: {cites[:40]!r}...")
        return entries[0]
    if cites not in references():
        raise FusionMetricsError(f"no reference {cites!r}{nearest(cites, references())}")
    return references()[cites]


def _parse(text: str) -> dict[str, Reference]:
    from bibtexparser.entrypoint import parse_string

    library = parse_string(text)
    if library.failed_blocks:
        raise FusionMetricsError(f"not BibTeX: {str(library.failed_blocks[0].raw)[:40]!r}")
    found = {}
    for entry in library.entries:
        fields = {field.key: str(field.value) for field in entry.fields}
        title, authors, year, doi = (fields.get(name, "") for name in ("title", "author", "year", "doi"))
        found[entry.key] = Reference(entry.key, title, authors, year, doi, str(entry.raw).strip())
    return found
