"""Twenty and more ways in which people keep the same pictures: each command prints the same row, to the last digit."""

from __future__ import annotations

import csv
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image as Pillow

from fusion_metrics import create
from tests.command import fmbench
from tests.fusion_metrics.test_reading import write_png16
from tests.pictures import multifocus

Pixels = npt.NDArray[np.uint8]
#: Metrics of several families: histograms, gradients, windows, pixels, wavelets.
METRICS = "mi,en,qabf,ssim,piella,vif,psnr,cc,sd,qcv,scd,nabf"
PICTURES = [tuple(np.roll(picture, shift, axis=0) for picture in multifocus((64, 60))) for shift in (0, 5)]


def grey(path: Path, pixels: Pixels) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Pillow.fromarray(pixels).save(path, lossless=True)


def alpha(path: Path, pixels: Pixels) -> None:
    Pillow.fromarray(np.dstack([pixels, np.full_like(pixels, 255)])).save(path)


def palette(path: Path, pixels: Pixels) -> None:
    Pillow.fromarray(pixels).convert("P").save(path)


def sixteen(path: Path, pixels: Pixels) -> None:
    write_png16(path, pixels.astype(np.uint16) * 257)


def sixteen_colours(path: Path, pixels: Pixels) -> None:
    write_png16(path, np.dstack([pixels.astype(np.uint16) * 257] * 3))


def twelve(path: Path, pixels: Pixels) -> None:
    """Write 8-bit levels as a camera of 12 bits may hold them, shifted by 4 bits."""
    Pillow.fromarray(pixels.astype(np.uint16) * 16).save(path)


def floats(path: Path, pixels: Pixels) -> None:
    Pillow.fromarray(pixels.astype(np.float32) / 255).save(path)


def turned(path: Path, pixels: Pixels) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = 6
    Pillow.fromarray(np.rot90(pixels)).save(path, exif=exif.tobytes())


def pages(path: Path, pixels: Pixels) -> None:
    Pillow.fromarray(pixels[::-1]).save(path, save_all=True, append_images=[Pillow.fromarray(pixels)])


@dataclass(frozen=True)
class Way:
    """Where the pictures are written (with ``{i}`` for the pair), how, and the command that scores them."""

    name: str
    a: str
    b: str
    fused: str
    options: str
    write: Callable[[Path, Pixels], None] = grey
    algorithm: str = "net"


def _format(name: str, suffix: str, write: Callable[[Path, Pixels], None], reading: str = "") -> Way:
    options = "--a ir --b vi --fused net" + (f" --reading {reading}" if reading else "")
    return Way(name, f"ir/{{i}}.{suffix}", f"vi/{{i}}.{suffix}", f"net/{{i}}.{suffix}", options, write)


WAYS = [
    Way("stems", "ir/{i}.png", "vi/{i}.png", "net/{i}.png", "--a ir --b vi --fused net"),
    Way("a folder per method", "ir/{i}.png", "vi/{i}.png", "out/net/{i}.png", "--a ir --b vi --fused out"),
    Way("METHOD/DATASET", "TNO/ir/{i}.png", "TNO/vi/{i}.png", "out/net/TNO/{i}.png",
        "--a TNO/ir --b TNO/vi --fused out"),
    Way("DATASET/METHOD", "TNO/ir/{i}.png", "TNO/vi/{i}.png", "out/TNO/net/{i}.png",
        "--a TNO/ir --b TNO/vi --fused out"),
    Way("methods beside sources", "TNO/ir/{i}.png", "TNO/vi/{i}.png", "TNO/net/{i}.png",
        "--a TNO/ir --b TNO/vi --fused TNO"),
    Way("several datasets", "ir/TNO/{i}.png", "vi/TNO/{i}.png", "net/TNO/{i}.png", "--a ir --b vi --fused net"),
    Way("fused suffix", "ir/{i}.png", "vi/{i}.png", "net/{i}_fused.png",
        "--a ir --b vi --fused net --match suffix:_fused"),
    Way("three suffixes", "ir/{i}_ir.png", "vi/{i}_vi.png", "net/{i}_fused.png",
        "--a ir --b vi --fused net --match suffix:_ir,_vi,_fused"),
    Way("prefixes", "ir/IR{i}.png", "vi/VIS{i}.png", "net/{i}.png", "--a ir --b vi --fused net --match prefix:IR,VIS"),
    Way("numbers", "ir/ir-{i}-a.png", "vi/{i}vis.png", "net/res_{i}.png",
        r"--a ir --b vi --fused net --match 'regex:(?P<pair>\d+)'"),
    Way("method in the name", "ir/{i}.png", "vi/{i}.png", "all/{i}_net.png",
        r"--a ir --b vi --fused all --match 'regex:^(?P<pair>\d+)_?(?P<algorithm>.*)'"),
    Way("order", "ir/x{i}q.png", "vi/y{i}q.png", "net/z{i}q.png", "--a ir --b vi --fused net --match order"),
    Way("sources in one folder", "both/{i}-ir.png", "both/{i}-vis.png", "net/{i}.png",
        "--a both --b both --fused net --match suffix:-ir,-vis"),
    Way("all in one folder", "net/{i}-ir.png", "net/{i}-vis.png", "net/{i}-fused.png",
        "--a net --b net --fused net --match suffix:-ir,-vis,-fused"),
    _format("TIFF", "tif", grey),
    _format("BMP", "bmp", grey),
    _format("PGM", "pgm", grey),
    _format("GIF", "gif", grey),
    _format("WebP", "webp", grey),
    _format("JPEG 2000", "jp2", grey),
    _format("opaque alpha", "png", alpha),
    _format("palette of greys", "png", palette),
    _format("16-bit PNG", "png", sixteen, "0..65535"),
    _format("16-bit colours", "png", sixteen_colours, "0..65535"),
    _format("8 of 12 bits", "tif", twelve, "0..4080"),
    _format("float TIFF", "tif", floats, "0..1"),
    _format("EXIF", "png", turned),
    _format("pages", "tif", pages, "page=2"),
]  # fmt: skip


def score(way: Way, where: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """Write the pictures, run the command in their folder, and return the rows of the CSV file."""
    for number, (a, b, fused) in enumerate(PICTURES, start=1):
        for form, pixels in ((way.a, a), (way.b, b), (way.fused, fused)):
            path = where / form.format(i=f"{number:02d}")
            path.parent.mkdir(parents=True, exist_ok=True)
            way.write(path, pixels)
    monkeypatch.chdir(where)
    command = ["score", *shlex.split(way.options), "--metrics", METRICS, "--jobs", "1", "--out", "scores.csv"]
    result = fmbench(*command)
    assert result.exit_code == 0, result.stderr
    with Path("scores.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("way", WAYS, ids=[way.name for way in WAYS])
def test_the_same_pictures_have_the_same_scores_however_they_are_kept(
    way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path / "cache"))
    rows = score(way, tmp_path / "work", monkeypatch)
    expected = {
        (number, name): create(name)(fused, a, b)
        for number, (a, b, fused) in enumerate(PICTURES)
        for name in METRICS.split(",")
    }
    found = {(i // len(METRICS.split(",")), row["metric"]): float(row["value"]) for i, row in enumerate(rows)}
    assert found == expected
    assert {row["algorithm"] for row in rows} == {way.algorithm}


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    for number, (a, b, fused) in enumerate(PICTURES, start=1):
        for name, pixels in (("ir", a), ("vi", b), ("net", fused)):
            grey(Path(name) / f"{number:02d}.png", pixels)
    return tmp_path


def test_plan_prints_what_belongs_together_and_scores_nothing(folders: Path) -> None:
    result = fmbench("score", "--a", "ir", "--b", "vi", "--fused", "net", "--plan", "--out", "scores.csv")
    assert result.exit_code == 0
    assert [line.split() for line in result.stdout.splitlines() if line.strip().startswith("0")] == [
        *(["01", "net", "01.png", "01.png", "01.png"], ["02", "net", "02.png", "02.png", "02.png"])
    ]
    assert "2 fused images of 1 algorithm and 2 pairs would be scored" in result.stdout
    assert not Path("scores.csv").exists()
    Path("net/02.png").rename("net/03.png")
    result = fmbench("score", "--a", "ir", "--b", "vi", "--fused", "net", "--plan")
    assert result.exit_code == 2
    assert result.stdout.count("not matched") == 2
    assert "pairs without a fused image: 02" in result.stdout


def test_a_fit_is_refused_with_the_option_and_recorded_in_the_reading(folders: Path) -> None:
    for path in sorted(Path("net").iterdir()):
        with Pillow.open(path) as file:
            file.crop((0, 0, 48, 64)).save(path)
    asked = ["score", "--a", "ir", "--b", "vi", "--fused", "net", "--metrics", "qabf", "--jobs", 1, "--out", "s.csv"]
    result = fmbench(*asked)
    assert result.exit_code == 2
    assert "ir/01.png is 64x60 but net/01.png is 64x48: decide it by --fit crop or --fit pad" in result.stderr
    result = fmbench(*asked, "--fit", "crop")
    assert result.exit_code == 0
    with Path("s.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    a, b, fused = (picture[:, :48] for picture in PICTURES[0])
    assert float(rows[0]["value"]) == create("qabf")(fused, a, b)
    assert rows[0]["reading"] == ("strict; a, b: cropped on the right and below from 64x60 to 64x48")


def test_the_grey_rule_is_part_of_what_is_stored(folders: Path) -> None:
    colours = np.dstack([PICTURES[0][2], PICTURES[0][0], PICTURES[0][1]])
    for number in (1, 2):
        grey(Path(f"net/{number:02d}.png"), colours)
    asked = ["score", "--a", "ir", "--b", "vi", "--fused", "net", "--metrics", "en,mi", "--jobs", 1, "--out", "s.csv"]

    def values(*options: str) -> list[float]:
        assert fmbench(*asked, *options).exit_code == 0
        with Path("s.csv").open(newline="") as file:
            return [float(row["value"]) for row in csv.DictReader(file)][:2]

    a, b, _ = PICTURES[0]
    first = values()
    assert values("--reading", "grey=red") == [create(name)(colours[..., 0], a, b) for name in ("en", "mi")] != first
    assert values() == first
    assert "4 of them stored before" in fmbench(*asked).stderr


def test_a_database_may_state_its_reading_and_the_command_another(folders: Path) -> None:
    for number, (_, _, fused) in enumerate(PICTURES, start=1):
        alpha_half = np.dstack([fused, np.full_like(fused, 128)])
        Pillow.fromarray(alpha_half).save(f"net/{number:02d}.png")
    Path("pairs.csv").write_text("pair,modality,source_a,source_b,mask\n01,x,ir/01.png,vi/01.png,\n")
    Path("fused.csv").write_text("image,pair,algorithm,mos,mos_std,n_votes\nnet/01.png,01,net,,,\n")
    about = '[database]\nname = "d"\nscores = "none"\n'
    Path("database.toml").write_text(about)
    result = fmbench("data", "check", ".")
    assert result.exit_code == 2
    assert "--reading alpha=over-black or --reading alpha=over-white" in result.stderr
    Path("database.toml").write_text(about + 'reading = "alpha=over-black"\n')
    assert fmbench("data", "check", ".").exit_code == 0
    for options, ground in (((), 0), (("--reading", "alpha=over-white"), 255)):
        command = ["score", ".", "--metrics", "sd", "--jobs", 1, "--out", "s.csv", *options]
        assert fmbench(*command).exit_code == 0
        with Path("s.csv").open(newline="") as file:
            row = next(csv.DictReader(file))
        fused = np.floor(PICTURES[0][2] * (128 / 255) + ground * (127 / 255) + 0.5)
        assert float(row["value"]) == create("sd")(fused.astype(np.uint8))
        assert row["reading"].startswith(f"alpha=over-{'white' if ground else 'black'}; fused: laid over")
    Path("database.toml").write_text(about + 'reading = "alpha=grey"\n')
    result = fmbench("data", "check", ".")
    assert result.exit_code == 2
    assert "database.toml: reading: unknown alpha 'grey'" in result.stderr


def test_an_unknown_reading_or_rule_is_one_line(folders: Path) -> None:
    for option, value, says in (
        ("--reading", "alpha=none", "unknown alpha 'none'"),
        ("--match", "stems", "match: 'stems' is not understood"),
    ):
        result = fmbench("score", "--a", "ir", "--b", "vi", "--fused", "net", option, value)
        assert result.exit_code == 2
        assert says in result.stderr
