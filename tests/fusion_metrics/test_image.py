from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image as Pillow

from fusion_metrics import Image, InvalidImage

EIGHT_BIT = hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9))


@given(EIGHT_BIT, st.sampled_from([np.float16, np.float32, np.float64]))
def test_float_copy_of_an_8bit_picture_is_that_picture(pixels: np.ndarray, dtype: type) -> None:
    copy = Image((pixels / 255).astype(dtype), data_range=1.0)
    assert copy.is_8bit
    np.testing.assert_array_equal(copy.pixels, pixels)
    assert copy.digest == Image(pixels).digest


@given(EIGHT_BIT, st.floats(0.5, 1e4), st.floats(-100, 100))
def test_any_stated_range_gives_the_same_picture(pixels: np.ndarray, width: float, black: float) -> None:
    values = black + pixels.astype(float) / 255 * width
    image = Image(values, data_range=(black, black + width))
    np.testing.assert_allclose(image.pixels, pixels, atol=1e-9)


def test_true_float_pixels_are_not_rounded() -> None:
    image = Image(np.array([[0.1234, 0.5]]), data_range=1.0)
    assert not image.is_8bit
    np.testing.assert_allclose(image.pixels, [[31.467, 127.5]])


@pytest.mark.parametrize(
    ("pixels", "data_range", "cause"),
    [
        (np.zeros((4, 4)), None, "such as data_range=1.0$"),
        (np.full((4, 4), 200.0), None, "such as data_range=255$"),
        (np.full((4, 4), 4000, np.uint16), None, "such as data_range=4095$"),
        (np.full((4, 4), 65535, ">u2"), None, "such as data_range=65535$"),
        (np.ma.masked_greater(np.arange(16, dtype=np.uint8).reshape(4, 4), 9), None, "masked"),
        (np.zeros((3, 8, 9), np.uint8), None, r"channels come last: np\.moveaxis\(pixels, 0, -1\)"),
        (np.zeros((1, 1, 8, 9), np.uint8), None, "squeeze"),
        (np.zeros((4, 4), bool), 1.0, "bool"),
        (np.zeros((4, 4), complex), 1.0, "complex"),
        (np.full((4, 4), np.nan), 1.0, "NaN"),
        (np.full((4, 4), np.inf), 1.0, "infinite"),
        (np.full((4, 4), 1.5), 1.0, "leave the data range"),
        (np.full((4, 4), -0.5), 1.0, "leave the data range"),
        (np.zeros((4, 4)), (1.0, 1.0), "not an increasing"),
        (np.zeros((4, 4)), np.nan, "not an increasing"),
        (np.zeros(4, np.uint8), None, "shape"),
        (np.zeros((4, 4, 4), np.uint8), None, "alpha"),
        (np.zeros((0, 4), np.uint8), None, "no pixels"),
    ],
)
def test_pixels_that_no_metric_can_use(pixels: np.ndarray, data_range: object, cause: str) -> None:
    with pytest.raises(InvalidImage, match=cause) as raised:
        Image(pixels, data_range=data_range, name="fused")  # type: ignore[arg-type]
    assert "\n" not in str(raised.value)
    assert str(raised.value).startswith("fused: ")


def test_luminance_has_matlab_weights_and_rounds_8bit_pictures() -> None:
    colours = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [7, 7, 7], [255, 255, 255]]], np.uint8)
    np.testing.assert_array_equal(Image(colours).luminance, [[76, 150, 29, 7, 255]])
    half = Image(np.array([[[0.5001, 0.2, 0.1]]]), data_range=1.0)
    expected = 255 * (0.298936021293775 * 0.5001 + 0.587043074451121 * 0.2 + 0.114020904255103 * 0.1)
    np.testing.assert_allclose(half.luminance, [[expected]], rtol=1e-14)


def test_pixels_cannot_be_changed_behind_the_memo() -> None:
    pixels = np.zeros((4, 4), np.uint8)
    image = Image(pixels)
    pixels[0, 0] = 9
    assert image.pixels[0, 0] == 0
    with pytest.raises(ValueError, match="read-only"):
        image.pixels[0, 0] = 1


def test_digest_tells_pictures_apart() -> None:
    flat = np.zeros((4, 6), np.uint8)
    digests = {
        Image(flat).digest,
        Image(flat.T).digest,
        Image(flat + 1).digest,
        Image(np.zeros((4, 6, 3), np.uint8)).digest,
        Image(np.full((4, 6), 0.001), data_range=1.0).digest,
    }
    assert len(digests) == 5


def test_travels_to_another_process_without_its_memo() -> None:
    image = Image(np.arange(12, dtype=np.uint8).reshape(3, 4), name="x.png")
    image.memo["key"] = np.zeros(1000)
    copy = pickle.loads(pickle.dumps(image))
    assert (copy.name, copy.digest, copy.memo) == ("x.png", image.digest, {})
    assert not copy.pixels.flags.writeable


def _save(path: Path, mode: str, **options: object) -> Path:
    picture = Pillow.new("RGB", (8, 8), "red").convert("P") if mode == "P" else Pillow.new(mode, (8, 8))
    picture.save(path, **options)  # type: ignore[arg-type]
    return path


@pytest.mark.parametrize(
    ("mode", "cause"),
    [("P", "palette"), ("RGBA", "alpha"), ("LA", "alpha"), ("I;16", "16-bit"), ("1", "1-bit")],
)
def test_files_that_are_not_8bit_grey_or_rgb(tmp_path: Path, mode: str, cause: str) -> None:
    path = _save(tmp_path / "image.png", mode)
    with pytest.raises(InvalidImage, match=cause) as raised:
        Image.open(path)
    assert str(raised.value).startswith(str(path))


def test_transparent_grey_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidImage, match="alpha"):
        Image.open(_save(tmp_path / "image.png", "L", transparency=0))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("not an image")
    (tmp_path / "empty.png").write_bytes(b"")
    whole = _save(tmp_path / "whole.png", "RGB").read_bytes()
    (tmp_path / "truncated.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "header.png").write_bytes(whole[:20])
    for name, cause in [
        ("text.png", "not an image"),
        ("empty.png", "not an image"),
        ("truncated.png", "truncated"),
        ("header.png", "truncated|not an image"),
        ("absent.png", "no such file"),
        ("", "folder"),
    ]:
        with pytest.raises(InvalidImage, match=cause) as raised:
            Image.open(tmp_path / name)
        assert str(tmp_path / name) in str(raised.value)
        assert "\n" not in str(raised.value)


def test_what_becomes_of_an_array_later_is_of_no_account() -> None:
    array = np.arange(12, dtype=np.uint8).reshape(3, 4)
    image = Image(array)
    array[:] = 0
    assert image.pixels.tolist() == np.arange(12.0).reshape(3, 4).tolist()


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3)])
@pytest.mark.parametrize("whole", [True, False])
def test_the_compact_luminance_has_the_numbers_of_the_luminance(shape: tuple[int, ...], whole: bool) -> None:
    pixels = np.random.default_rng(0).uniform(0, 255, shape)
    image = Image(np.rint(pixels) if whole else pixels, data_range=255.0)
    assert image.is_8bit == whole
    assert image.compact_luminance.dtype == (np.uint8 if whole else np.float64)
    np.testing.assert_array_equal(image.compact_luminance, image.luminance)


@pytest.mark.parametrize("lay", [np.asfortranarray, np.ascontiguousarray, lambda array: array[::-2, ::2]])
def test_pixels_lie_in_memory_as_the_array_did(lay: Callable[[np.ndarray], np.ndarray]) -> None:
    array = lay(np.arange(64, dtype=np.uint8).reshape(8, 8))
    expected = array.astype(np.float64)
    assert Image(array).pixels.strides == expected.strides
    np.testing.assert_array_equal(Image(array).pixels, expected)


def test_what_is_forgotten_is_computed_again_and_equal() -> None:
    image = Image(np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8))
    digest, luminance, red = image.digest, image.luminance.copy(), image.channels[0]
    image.memo["feature"] = luminance
    image.forget()
    assert image.memo == {}
    assert image.channels[0] is not red
    assert image.digest == digest
    np.testing.assert_array_equal(image.luminance, luminance)
