"""README, CONTRIBUTING and the pages in docs against the code: what they name exists, and what they run runs."""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import inspect
import io
import re
import shlex
import sys
import types
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import click
import numpy as np
import pytest

import benchmark
import fusion_metrics.testing
from benchmark.cli import main
from fusion_metrics import Metric, list_metrics, registry
from fusion_metrics.registry import find
from fusion_metrics.testing import check_metric
from tests.conftest import ROOT

ARCHITECTURE = ROOT / "docs" / "architecture.md"
NOTEBOOK = ROOT / "docs" / "notebook.md"
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    ROOT / "SECURITY.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
#: Pages that are written from the registry have a test of their own.
WRITTEN = {"metrics.md", "which-script.md"}
CODE = ("baselines", "benchmark", "fusion_metrics", "learned")
FOLDERS = (*CODE, "benchmarks", "docs", "results", "tests", ".ci", ".github")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: Paths that begin with a folder of the project, without patterns and places in a file.
PATH = re.compile(rf"(?<![\w/.-])((?:{'|'.join(map(re.escape, FOLDERS))})/[\w./-]*\w/?)(?![\w*])")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
#: What a run makes, or a reader is asked to make.
MADE = re.compile(r"NAME|results/reproduced/\w+\.(?:csv|md|tex)")


def prose(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def pages() -> list[object]:
    return [pytest.param(page, id=page.relative_to(ROOT).as_posix()) for page in PAGES if page.name not in WRITTEN]


def commands(text: str) -> Iterator[str]:
    """Yield all lines that call the command line, from blocks and from code font."""
    blocks = [body for language, body in FENCE.findall(text) if language in ("", "bash", "sh")]
    spans = re.findall(r"`([^`\n]+)`", FENCE.sub("", text))
    for line in [line for block in blocks for line in block.splitlines()] + spans:
        for part in re.split(r"&&|;", line.split("#")[0].split(" > ")[0].split("  (")[0]):
            if part.strip().startswith("fmbench "):
                yield part.strip()


def test_readme_fits_on_three_screens() -> None:
    assert len(prose(ROOT / "README.md").splitlines()) <= 150


@pytest.mark.parametrize("page", pages())
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    named = {path for path in PATH.findall(prose(page)) if not MADE.search(path)}
    assert not {path for path in named if not (ROOT / path).exists()}


def test_every_page_stands_in_the_navigation_of_the_site() -> None:
    named = re.findall(r"^ .*: ([\w/-]+\.md)$", prose(ROOT / "mkdocs.yml"), re.MULTILINE)
    docs = ROOT / "docs"
    assert sorted(named) == sorted(page.relative_to(docs).as_posix() for page in docs.rglob("*.md"))


@pytest.mark.parametrize("page", pages())
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    links = {link for link in LINK.findall(prose(page)) if "://" not in link}
    assert not {link for link in links if not (page.parent / link).exists()}


@pytest.mark.parametrize("page", pages())
def test_every_command_of_a_page_exists_with_its_options(page: Path) -> None:
    for line in commands(prose(page)):
        command: click.Command = main
        for word in shlex.split(line)[1:]:
            if isinstance(command, click.Group) and word in command.commands:
                command = command.commands[word]
            elif word.startswith("--"):
                known = {flag for option in command.params for flag in [*option.opts, *option.secondary_opts]}
                assert word.split("=")[0] in known | {"--help", "--version"}, line
            elif isinstance(command, click.Group) and re.fullmatch("[a-z]+", word):
                pytest.fail(f"no such command: {line}")


def test_modules_that_the_page_about_architecture_names_exist() -> None:
    named = set(re.findall(r"`([\w/]+\.py)`", prose(ARCHITECTURE)))
    there = [
        f"/{file.relative_to(ROOT).as_posix()}" for folder in (*CODE, "tests") for file in (ROOT / folder).rglob("*.py")
    ]
    # What stands in the row of a room, or in a sentence about one, goes without its folder.
    assert {name for name in named if not any(file.endswith(f"/{name}") for file in there)} == set()


def test_constants_that_contributors_raise_are_where_the_guide_says() -> None:
    named = re.findall(r"`(\w+)=?` in `([\w/]+\.py)`", prose(ROOT / "CONTRIBUTING.md"))
    assert len(named) >= 6
    for constant, file in named:
        assert re.search(rf"\b{constant}\b(: [^=]+)? ?=", prose(ROOT / file)), f"{constant} in {file}"


def test_every_public_name_stands_on_its_reference_page() -> None:
    runs = re.findall(r"^::: benchmark\.(\w+)$", prose(ROOT / "docs" / "api" / "benchmark.md"), re.MULTILINE)
    page = prose(ROOT / "docs" / "api" / "fusion_metrics.md").partition("\n## ")[0]
    metrics = re.findall(r"^ +- (\w+)$", page, re.MULTILINE)
    assert sorted(runs) == sorted(benchmark.__all__)
    assert sorted(metrics) == sorted(fusion_metrics.__all__)


def members(item: type) -> dict[str, object]:
    """Give what a class has, and what it has from other classes of the project."""
    own = [base for base in reversed(item.__mro__) if base.__module__.partition(".")[0] in CODE]
    return {name: value for base in own for name, value in vars(base).items()}


def documented() -> list[object]:
    """Give everything that the reference pages describe: public names, and methods of public classes."""
    found = {}
    for module in (fusion_metrics, benchmark, fusion_metrics.testing):
        for name in module.__all__:
            item = getattr(module, name)
            found[f"{module.__name__}.{name}"] = item
            fields = getattr(item, "__annotations__", {})
            for member, value in members(item).items() if isinstance(item, type) else ():
                made = member not in fields and (callable(value) or isinstance(value, property))
                if made and not member.startswith("_"):
                    found[f"{module.__name__}.{name}.{member}"] = value
    return [pytest.param(item, id=name) for name, item in found.items()]


@pytest.mark.parametrize("item", documented())
def test_every_public_name_and_each_of_its_parameters_is_described(item: object) -> None:
    text = inspect.getdoc(item)
    assert text, "no docstring"
    for section in re.findall(
        r"^(?:Parameters|Attributes)\n-+\n(.*?)(?=^\w[^\n]*\n---|\Z)", text, re.MULTILINE | re.DOTALL
    ):
        lines = [*section.rstrip().splitlines(), ""]
        for line, following in pairwise(lines):
            assert line.startswith(" ") or not line or following.startswith(" "), f"{line}: is not described"


def rooms() -> set[str]:
    return {folder.name for folder in (ROOT / "benchmark").iterdir() if (folder / "__init__.py").is_file()}


def imports_between_rooms() -> set[tuple[str, str]]:
    """List which room of benchmark imports from which other, but for what only type checkers read."""
    found = set()
    for room in rooms():
        for file in (ROOT / "benchmark" / room).rglob("*.py"):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
                    node.body = []
            modules = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
            others = {name.split(".")[1] for name in modules if name.startswith("benchmark.")}
            found |= {(room, other) for other in (others & rooms()) - {room}}
    return found


def arrows_of_the_picture() -> set[tuple[str, str]]:
    """Read ``a --> b & c`` from the picture of the rooms."""
    [picture] = [body for body in re.findall(r"```mermaid\n(.*?)```", prose(ARCHITECTURE), re.DOTALL) if "cli" in body]
    lines = [line.split("-->") for line in picture.splitlines() if "-->" in line]
    return {(start.strip(), end.strip()) for start, ends in lines for end in ends.split("&")}


def test_every_room_stands_on_the_page_about_architecture() -> None:
    text = prose(ARCHITECTURE)
    assert {room for room in rooms() if f"`{room}/`" not in text} == set()
    loose = {file.name for file in (ROOT / "benchmark").glob("*.py")} - {"__init__.py"}
    assert {name for name in loose if f"`{name}`" not in text} == set()


def test_every_arrow_between_rooms_is_an_import() -> None:
    assert arrows_of_the_picture() - imports_between_rooms() == set()


def test_no_room_imports_what_it_cannot_reach_along_arrows() -> None:
    reach = arrows_of_the_picture()
    while further := {(a, d) for a, b in reach for c, d in reach if b == c} - reach:
        reach |= further
    assert imports_between_rooms() - reach == set()
    assert not {pair for pair in reach if pair[::-1] in reach}, "imports go round"


def cells(page: Path) -> list[tuple[str, str | None]]:
    """Give the Python blocks of a page, each with the output that stands under it."""
    found: list[tuple[str, str | None]] = []
    for language, body in FENCE.findall(prose(page)):
        if language == "python":
            found.append((body, None))
        elif language == "text" and found:
            found[-1] = (found[-1][0], body)
    return found


def run(page: Path) -> Iterator[tuple[str, str | None]]:
    """Run the Python blocks of a page one after the other; give what each prints, and what stands under it."""
    names: dict[str, object] = {"__name__": page.stem}
    for code, expected in cells(page):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(compile(code, str(page), "exec"), names)  # noqa: S102
        yield "".join(f"{line.rstrip()}\n" for line in said.getvalue().splitlines()), expected


def test_cells_of_the_notebook_are_short() -> None:
    assert max(len(code.splitlines()) for code, _ in cells(NOTEBOOK)) <= 15


def test_the_notebook_prints_what_stands_on_its_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for printed, expected in run(NOTEBOOK):
        assert printed == (expected or "")
    assert (tmp_path / "forest.png").stat().st_size > 1000


def test_the_contourlet_page_prints_what_stands_on_it() -> None:
    for printed, expected in run(ROOT / "docs" / "nsct.md"):
        assert printed == expected


def test_readme_says_what_psnr_and_qabf_are() -> None:
    [(printed, _)] = run(ROOT / "README.md")
    assert printed.startswith("[('paper', 32), ('tang', 80), ('vifb', 64)]\n0.57")


def test_the_metric_of_the_guide_passes_the_conformance_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    list_metrics()  # plug-ins declare theirs before what is declared here is put aside
    monkeypatch.setattr(registry, "_specs", dict(registry._specs))
    list(run(ROOT / "docs" / "api" / "testing.md"))
    check_metric("mad")


def test_the_metrics_of_pyiqa_of_the_guide_hand_over_pixels_as_pyiqa_takes_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A stand-in has pyiqa's interface: pyiqa itself may only be used noncommercially, and nothing here needs it."""
    torch = pytest.importorskip("torch")
    given: list[object] = []

    def create_metric(name: str, device: str) -> Callable[[object], object]:
        assert device == "cpu"
        return lambda pixels: given.append((name, pixels)) or torch.tensor([[pixels.max() * 50]])

    list_metrics()
    monkeypatch.setattr(registry, "_specs", dict(registry._specs))
    list(run(ROOT / "docs" / "api" / "testing.md"))
    assert find("pyiqa_piqe").missing == ("pyiqa",) or importlib.util.find_spec("pyiqa")
    monkeypatch.setitem(sys.modules, "pyiqa", types.SimpleNamespace(create_metric=create_metric))  # type: ignore[arg-type]
    colour = np.zeros((96, 97, 3), dtype=np.uint8)
    colour[..., 1] = 51
    assert Metric(find("pyiqa_piqe"))(colour) == pytest.approx(10.0)
    assert Metric(find("pyiqa_niqe"))(colour[..., 1]) == pytest.approx(10.0)
    (first, of_colour), (second, of_grey) = given
    assert (first, second) == ("piqe", "niqe")
    assert of_colour.shape == of_grey.shape == (1, 3, 96, 97)
    assert of_colour[0, :, 0, 0].tolist() == pytest.approx([0, 0.2, 0])
    assert of_grey[0, :, 0, 0].tolist() == pytest.approx([0.2, 0.2, 0.2])
