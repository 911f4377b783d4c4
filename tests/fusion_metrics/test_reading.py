"""Readings: their text, and what each makes of a file that can be read in more than one way."""

from __future__ import annotations

import pickle
import struct
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import tifffile
from PIL import Image as Pillow

from fusion_metrics import FusionMetricsError, Image, InvalidImage, Reading, create, list_metrics
from fusion_metrics.grey import GREY_RULES

COLOURS = np.random.default_rng(3).integers(0, 256, (12, 14, 3), dtype=np.uint8)
DEEP = np.random.default_rng(4).integers(0, 65536, (12, 14), dtype=np.uint16)


def write_png16(path: Path, pixels: npt.NDArray[np.uint16]) -> Path:
    """Write a 16-bit PNG of 1, 3 or 4 channels, which Pillow cannot."""
    colour_type = {1: 0, 3: 2, 4: 6}[1 if pixels.ndim == 2 else pixels.shape[2]]
    header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 16, colour_type, 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    return path


def saved(path: Path, pixels: npt.NDArray[np.generic], **options: object) -> Path:
    Pillow.fromarray(pixels).save(path, **options)  # type: ignore[arg-type]
    return path


@pytest.mark.parametrize(
    "text",
    [
        "strict",
        "grey=opencv",
        "alpha=over-white,palette=expand",
        "0..4095",
        "-1000..3000.5",
        "minmax,orientation=ignore",
        "grey=ycbcr,alpha=refuse,palette=refuse,window=40/80,orientation=ignore,page=3",
        "percentile=0.5/99.5",
    ],
)
def test_a_reading_is_parsed_and_printed_alike(text: str) -> None:
    reading = Reading.parse(text)
    assert str(reading) == text
    assert Reading.parse(str(reading)) == reading


def test_other_spellings_are_understood() -> None:
    assert Reading.parse("") == Reading.parse(" strict ") == Reading()
    assert Reading.parse("grey=pil") == Reading(grey="pillow")
    assert Reading.parse("range=0..255.0, grey = matlab") == Reading(levels="0..255")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("grey=opencvv", "did you mean 'opencv'"),
        ("alpha=black", "'over-black'"),
        ("alfa=over-black", "'alfa=over-black' is not understood"),
        ("4095..0", "do not increase"),
        ("window=40/0", "no width"),
        ("percentile=99/1", "increase within"),
        ("1e999..2", "not finite|do not increase"),
        ("0..1,minmax", "given twice"),
        ("page=0.5", "not a number of a page"),
        ("__import__", "not understood"),
    ],
)
def test_what_is_no_reading_is_one_line_that_says_why(text: str, says: str) -> None:
    with pytest.raises(FusionMetricsError, match=says) as raised:
        Reading.parse(text)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("rule", sorted(GREY_RULES))
def test_the_grey_rule_makes_the_luminance_and_the_key(tmp_path: Path, rule: str) -> None:
    path = saved(tmp_path / "c.png", COLOURS)
    image = Image.open(path, f"grey={rule}")
    np.testing.assert_array_equal(image.luminance, GREY_RULES[rule].grey_levels(image.pixels))
    assert (image.digest == Image(COLOURS).digest) == (rule == "rgb2gray")
    assert pickle.loads(pickle.dumps(image)).luminance.sum() == image.luminance.sum()
    assert create("en")(image) == create("en")(image.luminance.astype(np.uint8))


def test_the_grey_rule_is_no_matter_to_a_grey_picture(tmp_path: Path) -> None:
    path = saved(tmp_path / "g.png", COLOURS[..., 0])
    assert Image.open(path, "grey=red").digest == Image(COLOURS[..., 0]).digest


def test_opaque_alpha_is_read_and_said_and_refused_on_request(tmp_path: Path) -> None:
    path = saved(tmp_path / "o.png", np.dstack([COLOURS, np.full(COLOURS.shape[:2], 255, np.uint8)]))
    image = Image.open(path)
    assert image.digest == Image(COLOURS).digest
    assert image.decisions == ("alpha channel left out, it is opaque everywhere",)
    with pytest.raises(InvalidImage, match="--reading alpha=opaque-only"):
        Image.open(path, "alpha=refuse")


def test_transparent_pixels_are_laid_over_what_the_reading_says(tmp_path: Path) -> None:
    opacity = np.zeros(COLOURS.shape[:2], np.uint8)
    opacity[:6], opacity[6:8] = 255, 51
    path = saved(tmp_path / "t.png", np.dstack([COLOURS, opacity]))
    with pytest.raises(InvalidImage, match=r"at 50.0% of the pixels") as raised:
        Image.open(path)
    assert str(raised.value).endswith("--reading alpha=over-black or --reading alpha=over-white")
    for ground, how in ((0, "over-black"), (255, "over-white")):
        pixels = Image.open(path, f"alpha={how}").pixels
        np.testing.assert_array_equal(pixels[:6], COLOURS[:6])
        np.testing.assert_array_equal(pixels[6:8], np.floor(COLOURS[6:8] * 0.2 + ground * 0.8 + 0.5))
        assert (pixels[8:] == ground).all()


def test_a_transparent_colour_counts_as_alpha(tmp_path: Path) -> None:
    grey = np.full((4, 4), 7, np.uint8)
    grey[0, 0] = 9
    path = saved(tmp_path / "k.png", grey, transparency=9)
    with pytest.raises(InvalidImage, match="alpha=over-black"):
        Image.open(path)
    assert Image.open(path, "alpha=over-black").pixels[0, 0] == 0
    assert Image.open(saved(tmp_path / "u.png", grey, transparency=200)).pixels[0, 0] == 9


def test_palettes_of_greys_are_read_and_of_colours_on_request(tmp_path: Path) -> None:
    grey = Pillow.fromarray(COLOURS[..., 0]).convert("P")
    grey.save(tmp_path / "g.png")
    image = Image.open(tmp_path / "g.png")
    assert image.digest == Image(COLOURS[..., 0]).digest
    assert image.decisions == ("palette of greys expanded",)
    with pytest.raises(InvalidImage, match="palette=grey-only"):
        Image.open(tmp_path / "g.png", "palette=refuse")
    colours = Pillow.fromarray(COLOURS).quantize(16)
    colours.save(tmp_path / "c.png")
    with pytest.raises(InvalidImage, match=r"--reading palette=expand$"):
        Image.open(tmp_path / "c.png")
    np.testing.assert_array_equal(
        Image.open(tmp_path / "c.png", "palette=expand").pixels, np.asarray(colours.convert("RGB"))
    )


def test_sixteen_bits_need_a_stated_range_and_keep_their_precision(tmp_path: Path) -> None:
    path = write_png16(tmp_path / "d.png", DEEP)
    with pytest.raises(InvalidImage, match=r"16-bit .*pixels.*--reading 0..65535"):
        Image.open(path)
    image = Image.open(path, "0..65535")
    np.testing.assert_allclose(image.pixels, DEEP * (255 / 65535), rtol=1e-15)
    assert len(np.unique(image.pixels)) == len(np.unique(DEEP))
    assert create("sd")(image) == pytest.approx(np.std(DEEP * (255 / 65535)), rel=1e-12)
    with pytest.raises(InvalidImage, match=r"which leave 0..4095"):
        Image.open(path, "0..4095")


def test_levels_are_those_of_the_reading(tmp_path: Path) -> None:
    values = np.array([[100, 150, 200, 300], [400, 500, 600, 1100]], dtype=np.uint16)
    path = write_png16(tmp_path / "l.png", values)

    def read(text: str) -> npt.NDArray[np.float64]:
        return Image.open(path, text).pixels / 255

    np.testing.assert_allclose(read("minmax"), (values - 100) / 1000, rtol=1e-14)
    np.testing.assert_allclose(read("window=300/400"), np.clip((values - 100) / 400, 0, 1), rtol=1e-14)
    low, high = np.percentile(values, [10, 90])
    np.testing.assert_allclose(read("percentile=10/90"), np.clip((values - low) / (high - low), 0, 1), rtol=1e-14)
    assert Image.open(path, "minmax").decisions[0].endswith("pixels, 100 is black and 1100 white")
    flat = write_png16(tmp_path / "f.png", np.full((4, 4), 9, np.uint16))
    with pytest.raises(InvalidImage, match=r"all 9.*--reading 0..4095"):
        Image.open(flat, "minmax")


@pytest.mark.parametrize("channels", [3, 4])
def test_sixteen_bit_colours_have_all_their_bits(tmp_path: Path, channels: int) -> None:
    deep = np.random.default_rng(5).integers(0, 65536, (6, 5, channels), dtype=np.uint16)
    deep[..., 3:] = 65535
    path = write_png16(tmp_path / "c.png", deep)
    with pytest.raises(InvalidImage, match="16-bit"):
        Image.open(path)
    np.testing.assert_allclose(Image.open(path, "0..65535").pixels, deep[..., :3] * (255 / 65535), rtol=1e-15)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_sixteen_bit_colours_of_tiff_have_all_their_bits(tmp_path: Path, order: str, compression: str | None) -> None:
    deep = np.random.default_rng(6).integers(0, 65536, (6, 5, 3), dtype=np.uint16)
    path = tmp_path / "c.tif"
    tifffile.imwrite(path, deep, photometric="rgb", byteorder=order, compression=compression)
    np.testing.assert_allclose(Image.open(path, "0..65535").pixels, deep * (255 / 65535), rtol=1e-15)


def test_a_tiff_whose_zero_is_white_is_inverted(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "m.tif", DEEP, photometric="miniswhite")
    image = Image.open(tmp_path / "m.tif", "0..65535")
    np.testing.assert_allclose(image.pixels, (65535 - DEEP.astype(float)) * (255 / 65535), rtol=1e-15)
    assert "zero is white" in image.decisions[0]


def test_float_and_one_bit_pixels_are_read_by_their_range(tmp_path: Path) -> None:
    saved(tmp_path / "f.tif", COLOURS[..., 0].astype(np.float32) / 255)
    assert Image.open(tmp_path / "f.tif", "0..1").digest == Image(COLOURS[..., 0]).digest
    Pillow.fromarray(COLOURS[..., 0] > 99).save(tmp_path / "b.png")
    with pytest.raises(InvalidImage, match=r"1-bit pixels.*--reading 0..1$"):
        Image.open(tmp_path / "b.png")
    np.testing.assert_array_equal(Image.open(tmp_path / "b.png", "0..1").pixels, (COLOURS[..., 0] > 99) * 255.0)


def test_an_eight_bit_picture_is_what_it_is_whatever_the_range(tmp_path: Path) -> None:
    path = saved(tmp_path / "g.png", COLOURS)
    for text in ("0..65535", "minmax", "window=40/80", "percentile=1/99"):
        assert Image.open(path, text).digest == Image(COLOURS).digest


def test_orientation_is_left_alone_on_request(tmp_path: Path) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = 6
    path = saved(tmp_path / "t.png", COLOURS, exif=exif.tobytes())
    assert Image.open(path).shape == (14, 12)
    image = Image.open(path, "orientation=ignore")
    assert image.digest == Image(COLOURS).digest
    assert image.decisions == ("EXIF orientation 6 ignored",)


def test_a_page_is_chosen(tmp_path: Path) -> None:
    pages = [Pillow.fromarray(COLOURS[..., i]) for i in range(3)]
    pages[0].save(tmp_path / "p.tif", save_all=True, append_images=pages[1:])
    with pytest.raises(InvalidImage, match=r"3 pages.*--reading page=1$"):
        Image.open(tmp_path / "p.tif")
    image = Image.open(tmp_path / "p.tif", "page=2")
    assert image.digest == Image(COLOURS[..., 1]).digest
    assert image.decisions == ("page 2 of 3",)
    with pytest.raises(InvalidImage, match="no page 4"):
        Image.open(tmp_path / "p.tif", "page=4")


def test_sixteen_bits_that_cannot_be_had_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.ppm"
    path.write_bytes(b"P6 2 2 65535\n" + bytes(24))
    with pytest.raises(InvalidImage, match="16-bit PNG or TIFF"):
        Image.open(path, "0..65535")


@pytest.mark.parametrize("planes", ["contig", "separate"])
@pytest.mark.parametrize("kind", ["float32", "float64", "uint16", "uint32"])
def test_tiffs_of_rare_kinds_are_read_with_all_their_bits(tmp_path: Path, kind: str, planes: str) -> None:
    white = 1.0 if kind.startswith("float") else np.iinfo(kind).max
    values = (np.random.default_rng(8).random((6, 5, 3)) * white).astype(kind)
    stored = values if planes == "contig" else np.moveaxis(values, -1, 0)
    tifffile.imwrite(tmp_path / "c.tif", stored, photometric="rgb", planarconfig=planes)
    tifffile.imwrite(tmp_path / "g.tif", values[..., 0])
    for name, expected in (("c", values), ("g", values[..., 0])):
        with pytest.raises(InvalidImage, match="--reading"):
            Image.open(tmp_path / f"{name}.tif")
        image = Image.open(tmp_path / f"{name}.tif", f"0..{white}")
        np.testing.assert_allclose(image.pixels, expected * (255 / white), rtol=1e-12 if kind != "float32" else 1e-7)


def test_a_tiff_that_is_no_picture_is_refused(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "s.tif", np.zeros((5, 8, 8)), photometric="minisblack", planarconfig="separate")
    tifffile.imwrite(tmp_path / "c.tif", np.zeros((8, 8), np.complex64))
    (tmp_path / "b.tif").write_bytes(b"II*\0" + bytes(30))
    for name in "scb":
        with pytest.raises(InvalidImage, match=f"{name}.tif") as raised:
            Image.open(tmp_path / f"{name}.tif", "0..1")
        assert "\n" not in str(raised.value)


def test_the_grey_rule_of_a_variant_wins_over_that_of_the_reading(tmp_path: Path) -> None:
    path = saved(tmp_path / "c.png", np.random.default_rng(9).integers(0, 256, (40, 40, 3), dtype=np.uint8))
    own = [spec for spec in list_metrics(variants=True) if spec.grey != "rgb2gray" and not spec.needs_sources]
    assert own
    for spec in own:
        if not (spec.missing or spec.learns or spec.undefined):
            assert create(spec.id)(Image.open(path, "grey=red")) == create(spec.id)(Image.open(path))
    assert Image.open(path, "grey=red").decisions == ("grey=red",)
