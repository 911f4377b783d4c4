"""The papers' tables again: under each published row ours, the difference, or the reason why there is nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from benchmark.databases import Database
from benchmark.errors import BenchmarkError
from benchmark.numbers import counted
from benchmark.papers.published import STATISTICS, PublishedNumber, PublishedRow, PublishedTable
from benchmark.scoring.identity import Identity, qualified
from benchmark.scoring.splits import EXTERNAL, PROTOCOLS
from benchmark.tables import ABSENT, Cell, Table, heads, number
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
    identity : Identity
        Ours.
    ours : tuple of float or None
        PLCC, SRCC, KRCC and RMSE.
    reason : str
        Why there are none.
    """

    row: PublishedRow
    identity: Identity
    ours: tuple[float | None, ...]
    reason: str = ""

    @property
    def label(self) -> str:
        """Ours as tables name it: ``qabf``, ``te:nava``, ``bmpri@pair``."""
        return self.identity.label

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
    return list(dict.fromkeys(row.identity.id for row in rows))


def needed_beyond(tables: Iterable[PublishedTable]) -> dict[str, list[str]]:
    """List the metrics of rows that name a protocol of their own, by protocol; those that cannot run here are not."""
    needed: dict[str, list[str]] = {}
    for row in (row for table in tables for row in table.rows if not _what_is_missing(row)):
        asked = row.identity
        if asked.protocol and asked.id not in needed.setdefault(asked.protocol, []):
            needed[asked.protocol].append(asked.id)
    return needed


def pair_up(
    published: PublishedTable,
    correlations: pd.DataFrame,
    obstacles: Mapping[str, str] = NONE,
    protocols: Sequence[str] = PROTOCOLS,
) -> list[Comparison]:
    """Find ours for every published row.

    Parameters
    ----------
    published : PublishedTable
    correlations : DataFrame
        Those of one database; see `correlations_frame`.
    obstacles : mapping of str to str
        Why metrics could not be fitted, by name.
    protocols : sequence of str
        Those to show of a row that names none.

    Returns
    -------
    list of Comparison
        In the paper's order; a metric that learns once per protocol, everything else once.
    """
    identities = list(map(Identity.parse, correlations["metric"], correlations["variant"]))
    usual = [not identity.protocol or identity.protocol in protocols for identity in identities]
    # A row that names a protocol asks for that line, any other for all the usual lines of its metric.
    named = correlations.assign(asked=correlations["variant"])
    unnamed = correlations.assign(asked=[identity.variant for identity in identities])[usual]
    ours = pd.concat([named, unnamed]).drop_duplicates(["metric", "variant", "asked"])
    rows = pd.DataFrame([(row.metric, row.variant) for row in published.rows], columns=["metric", "asked"])
    merged = rows.reset_index(names="row").merge(ours, how="left", on=["metric", "asked"])
    comparisons = []
    for line in merged.to_dict("records"):
        row = published.rows[line["row"]]
        if isinstance(line["variant"], str):
            numbers = tuple(None if pd.isna(line[name]) else line[name] for name in STATISTICS)
            comparisons.append(Comparison(row, Identity.parse(row.metric, line["variant"]), numbers, line["reason"]))
        else:
            nothing = (None,) * len(STATISTICS)
            comparisons.append(Comparison(row, row.identity, nothing, _why_absent(row, obstacles)))
    return comparisons


def compare(
    published: PublishedTable,
    correlations: pd.DataFrame,
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
    correlations : DataFrame
        See `correlations_frame`. Those of other databases are left out.
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
    on = correlations["database"]
    here = correlations[on == database.name]
    if external is not None:
        there = correlations[on == external.name]
        elsewhere = [Identity.parse("", text).protocol == EXTERNAL for text in there["variant"]]
        here = pd.concat([here, there[elsewhere]])
    comparisons = pair_up(published, here, obstacles, protocols)
    lines: list[tuple[str, ...]] = []
    previous = None
    for item in comparisons:
        if item.row is not previous:
            computed = any(printed.certainty == "computed" for printed in item.row.numbers)
            kind = "computed" if computed else "published"
            lines.append((item.row.method, kind, *map(_published, item.row.numbers)))
            previous = item.row
        ours = qualified(item.label, "" if item.reason else qualifiers.get(item.identity.definition.id, ""))
        lines.append(("", ours, *(number(value, digits=4).text for value in item.ours)))
        if any(x is not None for x in item.difference):
            lines.append(("", "difference", *(ABSENT if x is None else f"{x:+z.4f}" for x in item.difference)))
    names = tuple(name.upper() for name in STATISTICS)
    return Table(
        f"{published.paper.title}, {published.label}: {published.contents.title}, and ours on {database.name}",
        heads("method", "numbers", *names, numbers=names),
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
        f"ours: {database.title} ({database.name}), {counted(n, 'fused image')}, {SCORES[database.scores]}",
        f"protocol of the paper: {published.paper.protocol}",
    ]
    ours = [item.identity for item in comparisons if not item.reason]
    protocols = {identity.protocol for identity in ours}
    if protocols & set(PROTOCOLS):
        notes.append(
            "protocol of ours: fitted in folds; @image deals out single images, @pair keeps those of a pair together"
        )
    if any(identity.chooses_on_test for identity in ours):
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
        *dict.fromkeys(said[name] for item in comparisons if (name := item.identity.id) in said),
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


def _what_is_missing(row: PublishedRow) -> str:
    """Say what a row asks for that the project does not have; nothing if it has all."""
    known = {(spec.name, spec.variant): spec for spec in list_metrics(variants=True)}
    if row.metric not in {name for name, _ in known}:
        return "this metric is not part of the project yet"
    spec = known.get((row.metric, row.identity.variant))
    if spec is None:
        return "this variant is not part of the project yet"
    return f"needs {' and '.join(spec.missing)}" if spec.missing else ""


def _why_absent(row: PublishedRow, obstacles: Mapping[str, str]) -> str:
    return _what_is_missing(row) or obstacles.get(row.identity.id, "it was not run on this database")


def _published(number: PublishedNumber) -> str:
    return number.certainty if number.value is None else f"{number.value:.4f}"
