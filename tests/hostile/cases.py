"""Inputs that are broken, odd or meant to harm, each with the command that meets it and how that must end."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image as Pillow

from tests.databases import write_database

Make = Callable[[Path], list[str]]


@dataclass(frozen=True)
class Case:
    """One input: `make` writes it into an empty folder and returns the command; `says` is a part of the output."""

    name: str
    make: Make
    code: int
    says: str


def _files(folder: Path) -> list[str]:
    """Two sources and a fused image, and the command that scores them."""
    for name in "ab":
        Pillow.fromarray(_grey(ord(name))).save(folder / f"{name}.png")
    Pillow.fromarray(_grey(0)).save(folder / "f.png")
    return _score(folder, folder / "f.png")


def _score(folder: Path, fused: Path | str) -> list[str]:
    paths = ["--a", str(folder / "a.png"), "--b", str(folder / "b.png"), "--fused", str(fused)]
    return ["score", *paths, "--metrics", "sd", "--jobs", "1"]


def _grey(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (16, 16), dtype=np.uint8)


def _fused(write: Callable[[Path], None], name: str = "odd.png") -> Make:
    def make(folder: Path) -> list[str]:
        _files(folder)
        write(folder / name)
        return _score(folder, folder / name)

    return make


def _bytes(content: bytes) -> Make:
    return _fused(lambda path: path.write_bytes(content) and None)


def _mode(mode: str, suffix: str = ".png") -> Make:
    return _fused(lambda path: Pillow.new(mode, (16, 16)).save(path), f"odd{suffix}")


def _frames(kind: str, suffix: str) -> Make:
    def write(path: Path) -> None:
        first, *others = [Pillow.fromarray(_grey(i)) for i in range(3)]
        first.save(path, kind, save_all=True, append_images=others)

    return _fused(write, f"odd{suffix}")


def _socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the path of a socket must be short
    try:
        with socket.socket(socket.AF_UNIX) as opened:
            opened.bind(path.name)
    finally:
        os.chdir(here)


def _bomb(path: Path, side: int) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunks = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(b"\0" * 9)), chunk(b"IEND", b"")]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))


def _truncated(path: Path) -> None:
    Pillow.fromarray(_grey(1)).save(path)
    path.write_bytes(path.read_bytes()[:150])


def _nan_tiff(path: Path) -> None:
    Pillow.fromarray(np.full((16, 16), np.nan, np.float32)).save(path)


def _one_pixel(folder: Path) -> list[str]:
    _files(folder)
    Pillow.new("L", (1, 1)).save(folder / "odd.png")
    return ["qabf" if word == "sd" else word for word in _score(folder, folder / "odd.png")]


def _turned(path: Path) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = 6
    Pillow.fromarray(_grey(1)).save(path, exif=exif.tobytes())


def _database(change: Callable[[Path], object], *command: str) -> Make:
    def make(folder: Path) -> list[str]:
        database = write_database(folder / "db", pairs=2, steps=2)
        change(database)
        return [*(command or ("data", "check")), str(database)]

    return make


def _replace(file: str, old: str, new: str) -> Callable[[Path], object]:
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


SMALL = ("--metrics", "sd,bmpri", "--no-figures", "--jobs", "1")


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
    return lambda folder: [*_files(folder)[:-4], "--metrics", text, "--jobs", "1"]


def _folders(change: Callable[[Path], object]) -> Make:
    def make(folder: Path) -> list[str]:
        for name in ("a", "b", "fused/gff"):
            (folder / name).mkdir(parents=True)
            Pillow.fromarray(_grey(len(name))).save(folder / name / "p.png")
        change(folder)
        paths = ["--a", str(folder / "a"), "--b", str(folder / "b"), "--fused", str(folder / "fused")]
        return ["score", *paths, "--metrics", "sd", "--jobs", "1", "--out", str(folder / "scores.csv")]

    return make


def _rubbish(folder: Path) -> None:
    (folder / "fused/__MACOSX").mkdir()
    (folder / "fused/.hidden").mkdir()
    for name in (".DS_Store", "Thumbs.db", "gff/.DS_Store", "gff/._p.png", "gff/Thumbs.db"):
        (folder / "fused" / name).write_bytes(b"\0")


def _bytes_name(folder: Path) -> None:
    for name in (b"a", b"b", b"fused/gff"):
        path = os.fsencode(folder) + b"/" + name + b"/Gr\xfcn.png"
        with open(path, "wb") as file:  # noqa: PTH123
            Pillow.fromarray(_grey(1)).save(file, "PNG")


def _model(content: bytes) -> Make:
    def make(folder: Path) -> list[str]:
        _files(folder)
        (folder / "m.safetensors").write_bytes(content)
        return ["attend", str(folder / "f.png"), "--model", str(folder / "m.safetensors")]

    return make


def _header(parameters: str, length: int | None = None) -> bytes:
    about = json.dumps({"metric": "bmpri", "version": "1", "parameters": parameters})
    header = json.dumps({"__metadata__": {"fusion_metrics": about}}).encode()
    return struct.pack("<Q", len(header) if length is None else length) + header


def _no_change(folder: Path) -> None:
    return None


def _two_names(name: str) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        text = (folder / "fused.csv").read_text()
        (folder / "fused.csv").write_text(text.replace(",blur1,", f",{name},"))

    return change


IMAGES = [
    Case("pipe as an image", _fused(lambda path: os.mkfifo(path)), 2, "is a pipe"),
    Case("socket as an image", _fused(_socket), 2, "is a socket"),
    Case("device as an image", lambda folder: _files(folder) and _score(folder, "/dev/zero"), 2, "is a device"),
    Case("folder called .png", _fused(lambda path: path.mkdir()), 2, "without images"),
    Case("link to itself", _fused(lambda path: path.symlink_to(path)), 2, "leads back to itself"),
    Case("link to nothing", _fused(lambda path: path.symlink_to("absent")), 2, "no such file"),
    Case("no such file", lambda folder: _files(folder) and _score(folder, folder / "x.png"), 2, "no such file"),
    Case("name of 300 letters", lambda folder: _files(folder) and _score(folder, "x" * 300), 2, "too long"),
    Case("empty file", _bytes(b""), 2, "it is empty"),
    Case("text called .png", _bytes(b"not an image"), 2, "not an image that can be read"),
    Case("EPS called .png", _bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"), 2, "PostScript"),
    Case("PDF called .png", _bytes(b"%PDF-1.7\n"), 2, "it holds PDF"),
    Case("SVG called .png", _bytes(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), 2, "it holds SVG"),
    Case("HTML called .png", _bytes(b"<!DOCTYPE html><html></html>"), 2, "it holds HTML"),
    Case("truncated PNG", _fused(_truncated), 2, "damaged or truncated"),
    Case("bomb, 10,000 squared", _fused(partial(_bomb, side=10_000)), 2, "decompression bomb"),
    Case("bomb, 60,000 squared", _fused(partial(_bomb, side=60_000)), 2, "decompression bomb"),
    Case("TIFF of three pages", _frames("TIFF", ".tif"), 2, "holds 3 pages"),
    Case("animated GIF", _frames("GIF", ".gif"), 2, "holds 3 frames"),
    Case("animated PNG", _frames("PNG", ".png"), 2, "holds 3 frames"),
    Case("animated WebP", _frames("WEBP", ".webp"), 2, "holds 3 frames"),
    Case("float TIFF of NaN", _fused(_nan_tiff, "odd.tif"), 2, "float pixels"),
    Case("16-bit PNG", _mode("I;16"), 2, "16-bit"),
    Case("palette", _mode("P"), 2, "palette"),
    Case("alpha channel", _mode("RGBA"), 2, "alpha"),
    Case("1-bit", _mode("1"), 2, "1-bit"),
    Case("CMYK", _mode("CMYK", ".jpg"), 2, "CMYK"),
    Case("LAB", _mode("LAB", ".tif"), 2, "LAB"),
    Case("one pixel", _one_pixel, 2, "sizes differ"),
    Case("EXIF orientation", _fused(_turned), 0, "sd"),
    Case("markup as a name", _fused(lambda path: Pillow.fromarray(_grey(1)).save(path), "[red]x[b].png"), 0, "[red]"),
    Case("escapes as a name", _fused(lambda path: Pillow.fromarray(_grey(1)).save(path), "\x1b[31m.png"), 0, "\\x1b"),
]

FOLDERS = [
    Case("__MACOSX, .DS_Store, ._p.png, Thumbs.db", _folders(_rubbish), 0, "gff"),
    Case("link to the parent below --fused", _folders(lambda f: (f / "fused/up").symlink_to("..")), 0, "gff"),
    Case("link to itself below --fused", _folders(lambda f: (f / "fused/me").symlink_to("me")), 0, "gff"),
    Case("name that is not UTF-8", _folders(_bytes_name), 0, "gff"),
    Case("no image in a folder", _folders(lambda f: (f / "a/p.png").unlink()), 2, "without images"),
]

DATABASES = [
    Case("BOM in TOML", _database(_encode("database.toml", "utf-8-sig")), 0, "no problems"),
    Case("BOM in CSV", _database(_encode("fused.csv", "utf-8-sig")), 0, "no problems"),
    Case("UTF-16 CSV", _database(_encode("fused.csv", "utf-16")), 2, "UTF-16"),
    Case("UTF-16 TOML", _database(_encode("database.toml", "utf-16")), 2, "UTF-16"),
    Case("Latin-1 CSV", _database(_encode("pairs.csv", "latin-1", "grey", "grün")), 2, "Latin-1"),
    Case("NUL in CSV", _database(_replace("fused.csv", "blur1", "bl\0r1")), 2, "NUL"),
    Case("empty CSV", _database(_rewrite("fused.csv", b"")), 2, "is empty"),
    Case("missing column", _database(_replace("fused.csv", "algorithm", "method")), 2, "algorithm missing"),
    Case("column twice", _database(_replace("fused.csv", "mos_std", "mos")), 2, "mos_std missing"),
    Case("same column twice", _database(_replace("pairs.csv", "mask", "mask,mask")), 2, "there twice"),
    Case("too few cells", _database(_replace("fused.csv", ",90,,2", ",90")), 2, "fewer cells"),
    Case("too many cells", _database(_replace("fused.csv", ",90,,2", ",90,5,,2")), 2, "more cells"),
    Case("unclosed quotation mark", _database(_replace("fused.csv", "blur1,", '"blur1,')), 2, "CSV"),
    Case("semicolons", _database(_semicolons), 0, "no problems"),
    Case(
        "semicolons and decimal commas",
        _database(lambda f: (_semicolons(f), _replace("fused.csv", ";90;", ";90,5;")(f))),
        2,
        "decimal comma",
    ),
    Case("Arabic digits", _database(_replace("fused.csv", ",90,", ",٩٠,")), 2, "not 0 to 9"),
    Case("full-width digits", _database(_replace("fused.csv", ",90,", ",９０,")), 2, "not 0 to 9"),
    Case("mos is nan", _database(_replace("fused.csv", ",90,", ",nan,")), 2, "not a finite number"),
    Case("mos is inf", _database(_replace("fused.csv", ",90,", ",inf,")), 2, "not a finite number"),
    Case("mos is 1e999", _database(_replace("fused.csv", ",90,", ",1e999,")), 2, "not a finite number"),
    Case("mos is 1_0", _database(_replace("fused.csv", ",90,", ",1_0,")), 2, "underscore"),
    Case("half a vote", _database(_replace("fused.csv", ",90,,2", ",90,,1.5")), 2, "number of votes"),
    Case("Arabic digits in votes", _database(_replace("votes.csv", "r1,85", "r1,٨٥")), 2, "not 0 to 9"),
    Case("absolute path", _database(_replace("fused.csv", "fused/blur0/p0", "/etc/hostname")), 2, "--allow-outside"),
    Case("path with ..", _database(_replace("pairs.csv", "sources/p0_a", "../../p0_a")), 2, "--allow-outside"),
    Case("link that leaves the folder", _database(_link_out), 2, "--allow-outside"),
    Case("the same, allowed", _database(_link_out, "data", "check", "--allow-outside"), 0, "no problems"),
    Case("path is empty", _database(_replace("pairs.csv", "sources/p0_a.png", "")), 2, "is empty"),
    Case("image listed twice", _database(_replace("fused.csv", "fused/blur1/p0", "./fused/blur0/p0")), 2, "twice"),
    Case("pixels twice", _database(_twin), 0, "same pixels"),
    Case("pipe as fused.csv", _database(_fifo("fused.csv")), 2, "is a pipe"),
    Case("pipe as database.toml", _database(_fifo("database.toml")), 2, "database.toml"),
    Case("pipe as votes.csv", _database(_fifo("votes.csv")), 0, "no problems"),
    Case("TOML nested without end", _database(_rewrite("database.toml", b"a = " + b"[" * 99999)), 2, "not TOML"),
    Case("TOML number of 5,000 digits", _database(_replace("database.toml", "100", "9" * 5000)), 2, "not TOML"),
    Case("score_max is true", _database(_replace("database.toml", "100", "true")), 2, "as numbers"),
]

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
        _run(_replace("database.toml", '"small"', '"../../x"'), "--metrics", "sd"),
        0,
        "tables",
    ),
    Case("escapes as a title", _run(_replace("database.toml", "A small", "\\u001b[31m"), "--metrics", "sd"), 0, "x1b"),
]

MODELS = [
    Case("model is empty", _model(b""), 2, "not a fitted metric"),
    Case("model is truncated", _model(_header("{}")[:40]), 2, "not a fitted metric"),
    Case("model with a header of 2^60 bytes", _model(_header("{}", 2**60)), 2, "not a fitted metric"),
    Case("model with Python as parameters", _model(_header("[('seed', 1)]")), 2, "not JSON"),
    Case("model with nested parameters", _model(_header("[" * 100_000)), 2, "cannot be made"),
    Case("model with unknown parameters", _model(_header('{"x": 1}')), 2, "cannot be made"),
    Case("model without what was learnt", _model(_header("{}")), 2, "m.safetensors"),
]

CASES = [*IMAGES, *FOLDERS, *DATABASES, *REQUESTS, *NAMES, *MODELS]


def folder_name(case: Case) -> str:
    """Name the folder of a case."""
    return re.sub(r"\W+", "-", case.name, flags=re.ASCII).strip("-")
