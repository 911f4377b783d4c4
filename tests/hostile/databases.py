"""Hostile databases: their tables, their paths, their TOML."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.databases import write_database
from tests.hostile.case import Case, Make


def _database(change: Callable[[Path], object], *command: str) -> Make:
    def make(folder: Path) -> list[str]:
        database = write_database(folder / "db", pairs=2, steps=2)
        change(database)
        return [*(command or ("data", "check")), str(database)]

    return make


def replaced(file: str, old: str, new: str) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        text = (folder / file).read_text()
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1))

    return change


def _rewrite(file: str, content: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / file).write_bytes(content)


def _encode(file: str, encoding: str, old: str = "", new: str = "") -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        (folder / file).write_bytes((folder / file).read_text().replace(old, new).encode(encoding))

    return change


def _fifo(file: str) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        (folder / file).unlink()
        os.mkfifo(folder / file)

    return change


def _semicolons(folder: Path) -> None:
    for name in ("pairs.csv", "fused.csv", "votes.csv"):
        (folder / name).write_text((folder / name).read_text().replace(",", ";"))


def _link_out(folder: Path) -> None:
    image = folder / "fused/blur0/p0.png"
    shutil.move(image, folder.parent / "out.png")
    image.symlink_to(folder.parent / "out.png")


def _twin(folder: Path) -> None:
    shutil.copy(folder / "fused/blur0/p0.png", folder / "fused/blur1/p0.png")


DATABASES = [
    Case("BOM in TOML", _database(_encode("database.toml", "utf-8-sig")), 0, "no problems"),
    Case("BOM in CSV", _database(_encode("fused.csv", "utf-8-sig")), 0, "no problems"),
    Case("UTF-16 CSV", _database(_encode("fused.csv", "utf-16")), 2, "UTF-16"),
    Case("UTF-16 TOML", _database(_encode("database.toml", "utf-16")), 2, "UTF-16"),
    Case("Latin-1 CSV", _database(_encode("pairs.csv", "latin-1", "grey", "grün")), 2, "Latin-1"),
    Case("NUL in CSV", _database(replaced("fused.csv", "blur1", "bl\0r1")), 2, "NUL"),
    Case("empty CSV", _database(_rewrite("fused.csv", b"")), 2, "is empty"),
    Case("missing column", _database(replaced("fused.csv", "algorithm", "method")), 2, "algorithm missing"),
    Case("column twice", _database(replaced("fused.csv", "mos_std", "mos")), 2, "mos_std missing"),
    Case("same column twice", _database(replaced("pairs.csv", "mask", "mask,mask")), 2, "there twice"),
    Case("too few cells", _database(replaced("fused.csv", ",90,,2", ",90")), 2, "fewer cells"),
    Case("too many cells", _database(replaced("fused.csv", ",90,,2", ",90,5,,2")), 2, "more cells"),
    Case("unclosed quotation mark", _database(replaced("fused.csv", "blur1,", '"blur1,')), 2, "CSV"),
    Case("semicolons", _database(_semicolons), 0, "no problems"),
    Case(
        "semicolons and decimal commas",
        _database(lambda f: (_semicolons(f), replaced("fused.csv", ";90;", ";90,5;")(f))),
        2,
        "decimal comma",
    ),
    Case("Arabic digits", _database(replaced("fused.csv", ",90,", ",٩٠,")), 2, "not 0 to 9"),
    Case("full-width digits", _database(replaced("fused.csv", ",90,", ",９０,")), 2, "not 0 to 9"),
    Case("mos is nan", _database(replaced("fused.csv", ",90,", ",nan,")), 2, "not a finite number"),
    Case("mos is inf", _database(replaced("fused.csv", ",90,", ",inf,")), 2, "not a finite number"),
    Case("mos is 1e999", _database(replaced("fused.csv", ",90,", ",1e999,")), 2, "not a finite number"),
    Case("mos is 1_0", _database(replaced("fused.csv", ",90,", ",1_0,")), 2, "underscore"),
    Case("half a vote", _database(replaced("fused.csv", ",90,,2", ",90,,1.5")), 2, "number of votes"),
    Case("Arabic digits in votes", _database(replaced("votes.csv", "r1,85", "r1,٨٥")), 2, "not 0 to 9"),
    Case("absolute path", _database(replaced("fused.csv", "fused/blur0/p0", "/etc/hostname")), 2, "--allow-outside"),
    Case("path with ..", _database(replaced("pairs.csv", "sources/p0_a", "../../p0_a")), 2, "--allow-outside"),
    Case("link that leaves the folder", _database(_link_out), 2, "--allow-outside"),
    Case("the same, allowed", _database(_link_out, "data", "check", "--allow-outside"), 0, "no problems"),
    Case("path is empty", _database(replaced("pairs.csv", "sources/p0_a.png", "")), 2, "is empty"),
    Case("image listed twice", _database(replaced("fused.csv", "fused/blur1/p0", "./fused/blur0/p0")), 2, "twice"),
    Case("pixels twice", _database(_twin), 0, "same pixels"),
    Case("pipe as fused.csv", _database(_fifo("fused.csv")), 2, "is a pipe"),
    Case("pipe as database.toml", _database(_fifo("database.toml")), 2, "database.toml"),
    Case("pipe as votes.csv", _database(_fifo("votes.csv")), 2, "votes.csv: is a pipe"),
    Case("TOML nested without end", _database(_rewrite("database.toml", b"a = " + b"[" * 99999)), 2, "not TOML"),
    Case("TOML number of 5,000 digits", _database(replaced("database.toml", "100", "9" * 5000)), 2, "not TOML"),
    Case("score_max is true", _database(replaced("database.toml", "100", "true")), 2, "as numbers"),
]
