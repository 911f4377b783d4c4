"""Hostile image files, and folders of them."""

from __future__ import annotations

import os
import socket
import struct
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image as Pillow

from tests.hostile.case import Case, Make, files, grey, score


def _fused(write: Callable[[Path], None], name: str = "odd.png") -> Make:
    def make(folder: Path) -> list[str]:
        files(folder)
        write(folder / name)
        return score(folder, folder / name)

    return make


def _bytes(content: bytes) -> Make:
    return _fused(lambda path: path.write_bytes(content) and None)


def _mode(mode: str, suffix: str = ".png") -> Make:
    return _fused(lambda path: Pillow.new(mode, (16, 16)).save(path), f"odd{suffix}")


def _frames(kind: str, suffix: str) -> Make:
    def write(path: Path) -> None:
        first, *others = [Pillow.fromarray(grey(i)) for i in range(3)]
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
    Pillow.fromarray(grey(1)).save(path)
    path.write_bytes(path.read_bytes()[:150])


def _nan_tiff(path: Path) -> None:
    Pillow.fromarray(np.full((16, 16), np.nan, np.float32)).save(path)


def _one_pixel(folder: Path) -> list[str]:
    files(folder)
    Pillow.new("L", (1, 1)).save(folder / "odd.png")
    return ["qabf" if word == "sd" else word for word in score(folder, folder / "odd.png")]


def _turned(path: Path) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = 6
    Pillow.fromarray(grey(1)).save(path, exif=exif.tobytes())


def _folders(change: Callable[[Path], object]) -> Make:
    def make(folder: Path) -> list[str]:
        for name in ("a", "b", "fused/gff"):
            (folder / name).mkdir(parents=True)
            Pillow.fromarray(grey(len(name))).save(folder / name / "p.png")
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
            Pillow.fromarray(grey(1)).save(file, "PNG")


IMAGES = [
    Case("pipe as an image", _fused(lambda path: os.mkfifo(path)), 2, "is a pipe"),
    Case("socket as an image", _fused(_socket), 2, "is a socket"),
    Case("device as an image", lambda folder: files(folder) and score(folder, "/dev/zero"), 2, "is a device"),
    Case("folder called .png", _fused(lambda path: path.mkdir()), 2, "without images"),
    Case("link to itself", _fused(lambda path: path.symlink_to(path)), 2, "leads back to itself"),
    Case("link to nothing", _fused(lambda path: path.symlink_to("absent")), 2, "no such file"),
    Case("no such file", lambda folder: files(folder) and score(folder, folder / "x.png"), 2, "no such file"),
    Case("name of 300 letters", lambda folder: files(folder) and score(folder, "x" * 300), 2, "too long"),
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
    Case("markup as a name", _fused(lambda path: Pillow.fromarray(grey(1)).save(path), "[red]x[b].png"), 0, "[red]"),
    Case("escapes as a name", _fused(lambda path: Pillow.fromarray(grey(1)).save(path), "\x1b[31m.png"), 0, "\\x1b"),
]

FOLDERS = [
    Case("__MACOSX, .DS_Store, ._p.png, Thumbs.db", _folders(_rubbish), 0, "gff"),
    Case("link to the parent below --fused", _folders(lambda f: (f / "fused/up").symlink_to("..")), 0, "gff"),
    Case("link to itself below --fused", _folders(lambda f: (f / "fused/me").symlink_to("me")), 0, "gff"),
    Case("name that is not UTF-8", _folders(_bytes_name), 0, "gff"),
    Case("no image in a folder", _folders(lambda f: (f / "a/p.png").unlink()), 2, "without images"),
]
