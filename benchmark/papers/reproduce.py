"""The papers' tables again: under each published row ours, the difference, or the reason why there is nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from benchmark.analysis.summary import Correlation
from benchmark.databases import Database
from benchmark.errors import BenchmarkError
from benchmark.papers.published import STATISTICS, PublishedNumber, PublishedRow, PublishedTable
from benchmark.scoring.rows import label, qualified
from benchmark.scoring.splits import BEST, EXTERNAL, PROTOCOLS
from benchmark.tables import ABSENT, Cell, Table
from fusion_metrics import list_metrics

NONE: Mapping[str, str] = MappingProxyType({})
SCORES = {
    "human": "human scores",
    "simulated": "simulated scores: those of model observers, not anybody's opinion",
}
CERTAINTY_NOTES = {
    "computed": "follows from numbers that the paper prints",
    "bound": "only a range is known",
    "unreadable": "printed in a picture that was not read",
}


@dataclass(frozen=True)
class Comparison:
    """A published row and one of ours.

    Attributes
    ----------
    row : PublishedRow
    label : str
        Ours as tables name it: ``qabf``, ``te:nava``, ``bmpri@pair``.
    ours : tuple of float or None
        PLCC, SRCC, KRCC and RMSE.
    reason : str
        Why there are none.
    """

    row: PublishedRow
    label: str
    ours: tuple[float | None, ...]
    reason: str = ""

    @property
    def difference(self) -> tuple[float | None, ...]:
        """Ours minus published, for PLCC, SRCC, KRCC and RMSE; None where either is missing."""
        return tuple(
            None if mine is None or number.value is None else mine - number.value
            for mine, number in zip(self.ours, self.row.numbers, strict=True)
        )


def needed_metrics(published: PublishedTable) -> list[str]:
    """List the metrics to run for a table, such as ``qabf`` and ``te:nava``: those that exist, each once.

    Examples
    --------
    >>> from benchmark.papers.published import load_published
    >>> needed_metrics(load_published("g2npan", "1"))[:3]
    ['bmpri', 'te', 'nmi']
    """
    rows = [row for row in published.rows if not _what_is_missing(row)]
    return list(dict.fromkeys(label(*_key(row.metric, row.variant)) for row in rows))


def needed_beyond(tables: Iterable[PublishedTable]) -> dict[str, list[str]]:
    """List the metrics of rows that name a protocol of their own, by protocol; those that cannot run here are not."""
    needed: dict[str, list[str]] = {}
    for row in (row for table in tables for row in table.rows if not _what_is_missing(row)):
        protocol = row.variant.partition("@")[2]
        name = label(*_key(row.metric, row.variant))
        if protocol and name not in needed.setdefault(protocol, []):
            needed[protocol].append(name)
    return needed


def pair_up(
    published: PublishedTable,
    correlations: Iterable[Correlation],
    obstacles: Mapping[str, str] = NONE,
    protocols: Sequence[str] = PROTOCOLS,
) -> list[Comparison]:
    """Find ours for every published row.

    Parameters
    ----------
    published : PublishedTable
    correlations : iterable of Correlation
        On one database.
    obstacles : mapping of str to str
        Why metrics could not be fitted, by name.
    protocols : sequence of str
        Those to show of a row that names none.

    Returns
    -------
    list of Comparison
        In the paper's order; a metric that learns once per protocol, everything else once.
    """
    found: dict[tuple[str, str], list[Correlation]] = {}
    for item in correlations:
        found.setdefault(_key(item.metric, item.variant), []).append(item)
    comparisons = []
    for row in published.rows:
        ours = [item for item in found.get(_key(row.metric, row.variant), []) if _protocol_fits(row, item, protocols)]
        comparisons += [
            Comparison(row, label(item.metric, item.variant), (item.plcc, item.srcc, item.krcc, item.rmse), item.reason)
            for item in ours
        ] or [Comparison(row, label(row.metric, row.variant), (None,) * len(STATISTICS), _why_absent(row, obstacles))]
    return comparisons


def compare(
    published: PublishedTable,
    correlations: Sequence[Correlation],
    database: Database,
    external: Database | None = None,
    obstacles: Mapping[str, str] = NONE,
    protocols: Sequence[str] = PROTOCOLS,
    said: Mapping[str, str] = NONE,
    qualifiers: Mapping[str, str] = NONE,
) -> Table:
    """Print a published table with our numbers under the paper's.

    Parameters
    ----------
    published : PublishedTable
    correlations : sequence of Correlation
        Those of other databases are left out.
    database : Database
        Where ours were measured.
    external : Database, optional
        Where metrics that were fitted to `database` were measured, for rows that ask for that.
    obstacles : mapping of str to str
        Why metrics could not be fitted, by name.
    protocols : sequence of str
        Those to show of a row that names none.
    said : mapping of str to str
        What metrics want said about their numbers, by name.
    qualifiers : mapping of str to str
        In what their networks depart from the published ones, by name; see `fusion_metrics.Metric.qualifier`.

    Returns
    -------
    Table
        For each row of the paper its numbers, then ours and the difference, once per protocol for a metric that
        learns. The notes say how data, scores and protocol differ, and why a row of ours is missing.

    Raises
    ------
    BenchmarkError
        The database has no opinion scores.
    """
    if database.scores not in SCORES:
        raise BenchmarkError(f"{database.name}: has no opinion scores to compare with")
    here = [item for item in correlations if item.database == database.name]
    if external is not None:
        here += [item for item in correlations if item.database == external.name and item.variant.endswith(EXTERNAL)]
    comparisons = pair_up(published, here, obstacles, protocols)
    lines: list[tuple[str, ...]] = []
    previous = None
    for item in comparisons:
        if item.row is not previous:
            computed = any(number.certainty == "computed" for number in item.row.numbers)
            kind = "computed" if computed else "published"
            lines.append((item.row.method, kind, *map(_published, item.row.numbers)))
            previous = item.row
        ours = qualified(item.label, "" if item.reason else qualifiers.get(item.label.partition("@")[0], ""))
        lines.append(("", ours, *map(_fixed, item.ours)))
        if any(x is not None for x in item.difference):
            lines.append(("", "difference", *(ABSENT if x is None else f"{x:+z.4f}" for x in item.difference)))
    return Table(
        f"{published.paper.title}, {published.label}: {published.contents.title}, and ours on {database.name}",
        ("method", "numbers", *(name.upper() for name in STATISTICS)),
        tuple(tuple(map(Cell, line)) for line in lines),
        tuple(_notes(published, comparisons, database, external, said)),
    )


def _notes(
    published: PublishedTable,
    comparisons: Sequence[Comparison],
    database: Database,
    external: Database | None,
    said: Mapping[str, str],
) -> list[str]:
    n = sum(image.mos is not None for image in database.fused)
    words = {number.certainty for row in published.rows for number in row.numbers}
    notes = [
        f"published: {published.contents.data}",
        f"ours: {database.title} ({database.name}), {n} fused images, {SCORES[database.scores]}",
        f"protocol of the paper: {published.paper.protocol}",
    ]
    protocols = {item.label.partition("@")[2] for item in comparisons if not item.reason}
    if protocols & set(PROTOCOLS):
        notes.append(
            "protocol of ours: fitted in folds; @image deals out single images, @pair keeps those of a pair together"
        )
    if any(protocol.endswith(BEST) for protocol in protocols):
        notes.append("protocol of ours: @image-best keeps of all epochs the one that does best on what is then tested")
    if any(protocol[-1:].isdecimal() for protocol in protocols):
        notes.append(
            "protocol of ours: @image20 and so on are fitted to that share of the images, and tested on the rest"
        )
    if EXTERNAL in protocols and external is not None:
        notes.append(
            f"protocol of ours: @external is fitted to all of {database.name} and tested on {external.title} "
            f"({external.name}), {SCORES[external.scores]}"
        )
    notes += [
        "difference: ours minus published; it is one of images, scores and protocol as much as of programs",
        "ours: positive means agreement, whichever way a metric points, and RMSE is on 0..1, without a fitted curve; "
        "the paper does not say which sign, scale and curve it took",
        *dict.fromkeys(said[name] for item in comparisons if (name := item.label.partition("@")[0]) in said),
        f"{published.label}: {published.contents.caption}",
    ]
    notes += [f"{word}: {meaning}" for word, meaning in CERTAINTY_NOTES.items() if word in words]
    notes += _grouped((row.method, row.note) for row in published.rows)
    notes += _grouped((item.label, f"not available: {item.reason}") for item in comparisons if item.reason)
    return notes


def _grouped(said: Iterable[tuple[str, str]]) -> list[str]:
    """Say once what is said of several rows."""
    about: dict[str, list[str]] = {}
    for name, note in said:
        about.setdefault(note, []).append(name)
    return [f"{', '.join(names)}: {note}" for note, names in about.items() if note]


def _key(metric: str, variant: str) -> tuple[str, str]:
    return metric, variant.partition("@")[0]


def _protocol_fits(row: PublishedRow, item: Correlation, protocols: Sequence[str]) -> bool:
    if "@" in row.variant:
        return row.variant == item.variant
    _, learnt, protocol = item.variant.partition("@")
    return not learnt or protocol in protocols


def _what_is_missing(row: PublishedRow) -> str:
    """Say what a row asks for that the project does not have; nothing if it has all."""
    known = {(spec.name, spec.variant): spec for spec in list_metrics(variants=True)}
    if row.metric not in {name for name, _ in known}:
        return "this metric is not part of the project yet"
    spec = known.get(_key(row.metric, row.variant))
    if spec is None:
        return "this variant is not part of the project yet"
    return f"needs {' and '.join(spec.missing)}" if spec.missing else ""


def _why_absent(row: PublishedRow, obstacles: Mapping[str, str]) -> str:
    name = label(*_key(row.metric, row.variant))
    return _what_is_missing(row) or obstacles.get(name, "it was not run on this database")


def _published(number: PublishedNumber) -> str:
    return number.certainty if number.value is None else f"{number.value:.4f}"


def _fixed(value: float | None) -> str:
    return ABSENT if value is None else f"{value:.4f}"
