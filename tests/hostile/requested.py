"""Hostile requests: sets of metrics, splits, and names that go into tables and file names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.databases import write_database
from tests.hostile.case import Case, Make, files
from tests.hostile.databases import replaced


def _run(change: Callable[[Path], object], *more: str) -> Make:
    """Change the database, and run it under what more there is; ``FOLDER`` stands for the folder of the case."""

    def make(folder: Path) -> list[str]:
        database = write_database(folder / "db", pairs=2, steps=2)
        change(database)
        options = [word.replace("FOLDER", str(folder)) for word in more]
        return ["run", str(database), "--out", str(folder / "out"), "--no-figures", "--jobs", "1", *options]

    return make


def _split(lines: str) -> Make:
    def write(database: Path) -> None:
        (database.parent / "mine.csv").write_text(lines)

    return _run(write, "--metrics", "sd", "--split", "FOLDER/mine.csv")


def _request(text: str) -> Make:
    return lambda folder: [*files(folder)[:-4], "--metrics", text, "--jobs", "1"]


def _no_change(folder: Path) -> None:
    return None


def _two_names(name: str) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        text = (folder / "fused.csv").read_text()
        (folder / "fused.csv").write_text(text.replace(",blur1,", f",{name},"))

    return change


REQUESTS = [
    Case("all but one, and a variant", _request("!q*,te:nava,SD"), 0, "te:nava"),
    Case("pattern that fits nothing", _request("all,!qabff"), 2, "leaves out no metric; did you mean"),
    Case("nothing left", _request("sd,!sd"), 2, "no metric left"),
    Case("no name", _request(" , "), 2, "no metric named"),
    Case("unknown set", _request("@nobody"), 2, "unknown set of metrics"),
    Case("unknown metric", _request("allan"), 2, "unknown metric"),
    Case("split with unknown images", _split("image,pair,fold\nx,p0,0\ny,p0,1\n"), 2, "is not one of small"),
    Case("split with images missing", _split("image,pair,fold\nfused/blur0/p0.png,p0,0\n"), 2, "nothing is left"),
    Case("split with a fold missing", _split("image,pair,fold\na,p,0\nb,p,2\n"), 2, "without a gap"),
    Case("split is no CSV", _split("\n"), 2, "is empty"),
    Case("split and protocol", _run(_no_change, "--split", "FOLDER/x", "--protocols", "pair"), 2, "not both"),
]

NAMES = [
    Case("=cmd() as an algorithm", _run(_two_names("=cmd()"), "--metrics", "sd"), 0, "tables"),
    Case("-x as an algorithm", _run(_two_names("-x"), "--metrics", "sd"), 0, "tables"),
    Case("markup as an algorithm", _run(_two_names("[/red]"), "--metrics", "sd"), 0, "tables"),
    Case(
        "../../x as a database's name",
        _run(replaced("database.toml", '"small"', '"../../x"'), "--metrics", "sd"),
        0,
        "tables",
    ),
    Case("escapes as a title", _run(replaced("database.toml", "A small", "\\u001b[31m"), "--metrics", "sd"), 0, "x1b"),
]
