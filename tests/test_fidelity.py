"""The page about fidelity against the code: every place that it cites exists and holds the value that is stated.

Files are parsed, not imported: half of them would load torch.
"""

from __future__ import annotations

import ast
import csv
import functools
import re
from collections.abc import Iterator

import pytest

from fusion_metrics import list_metrics
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "fidelity.md").read_text(encoding="utf-8")
RESULTS = ROOT / "results"
METHODS = {
    "MS-AAN": "ms_aan",
    "G2NPAN": "g2npan",
    "AGA": "aga",
    "Q_CNN": "qcnn",
    "PNQC-like": "pnqc_like",
    "NSCT-PCNN": "nsct_pcnn",
    "BMPRI": "bmpri",
    "Tsallis": "te",
    "rSFe": "rsfe",
}
#: A file, a name in it, and the value that stands there.
CITED = re.compile(r"`((?:baselines|benchmark|fusion_metrics|learned)/[\w/]+\.py): ([\w.]+)(?: = ([^`]+))?`")
STATES = ("built", "inferred", "not built")


@functools.cache
def defined(file: str) -> dict[str, ast.expr | None]:
    """List what a file defines, ``name`` and ``Class.member``, with the value where it is assigned one."""
    found: dict[str, ast.expr | None] = {}
    for name, node in definitions(ast.parse((ROOT / file).read_text(encoding="utf-8"))):
        found[name] = getattr(node, "value", None)
        if isinstance(node, ast.ClassDef):
            found |= {f"{name}.{member}": getattr(inner, "value", None) for member, inner in definitions(node)}
            attributes = [inner for inner in ast.walk(node) if isinstance(inner, ast.Attribute)]
            for inner in attributes:
                if isinstance(inner.ctx, ast.Store) and ast.unparse(inner.value) == "self":
                    found.setdefault(f"{name}.{inner.attr}", None)
    return found


def definitions(scope: ast.Module | ast.ClassDef) -> Iterator[tuple[str, ast.stmt]]:
    for node in scope.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from ((ast.unparse(target), node) for target in targets)


def section(title: str) -> str:
    return re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## )", PAGE, re.MULTILINE | re.DOTALL)[1]  # type: ignore[index]


def rows(title: str) -> list[list[str]]:
    """Give the cells of a method's table, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_every_place_that_the_page_cites_exists() -> None:
    cited = CITED.findall(PAGE)
    assert len(cited) > 150
    assert {f"{file}: {name}" for file, name, _ in cited if name not in defined(file)} == set()


def test_every_value_that_the_page_states_stands_in_the_code() -> None:
    stated = [(file, name, value) for file, name, value in CITED.findall(PAGE) if value]
    assert len(stated) > 60
    for file, name, value in stated:
        node = defined(file)[name]
        assert node is not None, f"{file}: {name} has no value"
        # A value may be called by a name of its own, such as the word for random weights.
        meant = imported(file, node.id) if isinstance(node, ast.Name) else ast.literal_eval(node)
        assert meant == ast.literal_eval(value), f"{file}: {name}"


def imported(file: str, name: str) -> object:
    for node in ast.parse((ROOT / file).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and name in {alias.name for alias in node.names}:
            return tuple_member(f"{str(node.module).replace('.', '/')}.py", name)
    raise AssertionError(f"{file}: where {name} comes from is not known")


def tuple_member(file: str, name: str) -> object:
    """Find a value of an assignment such as ``A, B = "a", "b"``."""
    for names, value in defined(file).items():
        if value is not None and name in (parts := names.strip("()").split(", ")):
            found = ast.literal_eval(value)
            return found[parts.index(name)] if len(parts) > 1 else found
    raise AssertionError(f"{file}: no {name}")


@pytest.mark.parametrize("title", METHODS)
def test_every_method_has_a_table_whose_rows_say_what_is_built(title: str) -> None:
    table = rows(title)
    assert len(table) >= 5
    for row in table:
        assert len(row) == 3, row
        statement, place, state = row
        assert statement
        assert state.startswith(STATES), row
        assert state.startswith("not built") or "`" in place, row


def test_every_variant_that_the_page_names_exists() -> None:
    known = {spec.id for spec in list_metrics(variants=True)}
    names = "|".join(METHODS.values())
    named = set(re.findall(rf"`((?:{names}):[\w-]+)`", PAGE)) | set(METHODS.values())
    assert named - known == set()
    assert len(named) > 20


def compared() -> dict[str, dict[str, str]]:
    """Read the first table of the last part: by line, and by metric."""
    lines = [line for line in PAGE.partition("## Why published")[2].splitlines() if line.startswith("|")]
    head, _, *body = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in body[:4]}


def short(value: str) -> str:
    """Write as the page does: three decimals, without the 0 in front."""
    return f"{float(value):.3f}".replace("0.", ".")


@pytest.mark.parametrize("database", ["phantom", "pansharp"])
def test_our_correlations_are_those_that_were_measured(database: str) -> None:
    with (RESULTS / "reproduced" / database / "correlations.csv").open(newline="", encoding="utf-8") as file:
        measured = {(row["metric"], row["variant"]): short(row["srcc"]) for row in csv.DictReader(file) if row["srcc"]}
    for metric, printed in compared()[database].items():
        name, _, protocol = {"NSCT-PCNN": "nsct_pcnn", "Q^AB/F": "qabf"}.get(metric, metric).partition("@")
        assert printed == measured[name, f"paper@{protocol}" if protocol else "paper"], metric


def test_published_correlations_are_those_of_the_paper() -> None:
    with (RESULTS / "published" / "g2npan-table1.csv").open(newline="", encoding="utf-8") as file:
        published = {row["metric"]: short(row["srcc"]) for row in csv.DictReader(file)}
    for metric, printed in compared()["published"].items():
        name = {"NSCT-PCNN": "nsct_pcnn", "Q^AB/F": "qabf"}.get(metric, metric).partition("@")[0]
        assert printed == published.get(name, ""), metric
