"""NIfTI files as volumes: voxels against nibabel, black and white, colours, and files that are refused."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import nibabel
import numpy as np
import pytest

from fusion_metrics import Image, InvalidImage
from fusion_metrics.reading import Reading
from fusion_metrics.volumes.opening import open_volume
from tests.volumes import AFFINE, brain, write_nifti

SHIPPED = Path(nibabel.__file__).parent / "tests" / "data"


def opened(path: Path, where: str, reading: str = "strict") -> Image:
    return Image.open(f"{path}#{where}", reading)


def test_a_slice_along_a_stored_axis_is_what_nibabel_returns_with_its_first_axis_to_the_right(tmp_path: Path) -> None:
    a, _, _ = brain()
    path = write_nifti(tmp_path / "a.nii.gz", a)
    data = nibabel.load(path).get_fdata()
    for axis in range(3):
        image = opened(path, f"axis={axis}&slice=3", "0..4095")
        assert np.array_equal(image.pixels, data.take(3, axis=axis).T * (255 / 4095))
        assert image.decisions == ("16-bit voxels, 0 is black and 4095 white in the whole volume",)


def test_a_named_axis_gives_one_picture_however_the_axes_are_stored(tmp_path: Path) -> None:
    a, _, _ = brain()
    image = nibabel.Nifti1Image(a, AFFINE)
    expected = {"axial": a[:, :, 2].T, "coronal": a[:, 27 - 5, ::-1].T, "sagittal": a[23 - 5, :, ::-1].T}
    index = {"axial": 2, "coronal": 5, "sagittal": 5}
    for number, codes in enumerate(("RAS", "LPS", "SRA", "ILP")):
        turn = nibabel.orientations.ornt_transform(
            nibabel.io_orientation(AFFINE), nibabel.orientations.axcodes2ornt(tuple(codes))
        )
        path = tmp_path / f"{number}.nii"
        image.as_reoriented(turn).to_filename(path)
        for axis, picture in expected.items():
            found = opened(path, f"axis={axis}&slice={index[axis]}", "0..4095")
            assert np.array_equal(found.pixels, picture * (255 / 4095)), (codes, axis)


def test_what_a_header_scales_is_scaled_as_nibabel_does(tmp_path: Path) -> None:
    a, _, _ = brain()
    image = nibabel.Nifti1Image(a, AFFINE)
    image.header.set_slope_inter(0.25, -100)
    image.to_filename(tmp_path / "a.nii")
    volume = open_volume(tmp_path / "a.nii")
    assert volume.depth == "rescaled"
    assert np.array_equal(volume.voxels, nibabel.load(tmp_path / "a.nii").get_fdata())


def test_8_bit_voxels_need_no_reading_and_keep_0_to_255_under_any(tmp_path: Path) -> None:
    levels = (brain()[0] // 16).astype(np.uint8)
    path = write_nifti(tmp_path / "a.nii", levels)
    for reading in ("strict", "0..4095", "minmax"):
        image = opened(path, "axis=2&slice=2", reading)
        assert image.is_8bit
        assert np.array_equal(image.pixels, levels[:, :, 2].T)
        assert image.decisions == ()


def test_minmax_and_percentiles_are_those_of_the_volume_and_not_of_the_slice(tmp_path: Path) -> None:
    ramp = np.arange(2 * 3 * 4, dtype=np.float32).reshape(2, 3, 4)
    path = write_nifti(tmp_path / "ramp.nii", ramp, np.eye(4))
    assert np.array_equal(opened(path, "axis=0&slice=0", "minmax").pixels, ramp[0].T.astype(float) * (255 / 23))
    low, high = np.percentile(ramp, [10, 90])
    cut = (np.clip(ramp[0].T.astype(float), low, high) - low) * (255 / (high - low))
    assert np.allclose(opened(path, "axis=0&slice=0", "percentile=10/90").pixels, cut, atol=1e-9)


def test_the_display_window_of_a_header_is_used_unless_a_reading_says_more(tmp_path: Path) -> None:
    a, _, _ = brain()
    image = nibabel.Nifti1Image(a, AFFINE)
    image.header["cal_min"], image.header["cal_max"] = 100, 2000
    image.to_filename(tmp_path / "a.nii")
    found = opened(tmp_path / "a.nii", "axis=2&slice=2")
    assert np.array_equal(found.pixels, (np.clip(a[:, :, 2].T, 100.0, 2000.0) - 100) * (255 / 1900))
    assert found.decisions == ("window 100..2000 of the header (cal_min, cal_max)",)
    assert not np.array_equal(opened(tmp_path / "a.nii", "axis=2&slice=2", "0..4095").pixels, found.pixels)


def test_colours_are_read_as_rgb(tmp_path: Path) -> None:
    colours = np.random.default_rng(0).integers(0, 256, (5, 4, 3, 3), dtype=np.uint8)
    rgb = np.zeros((5, 4, 3), dtype=[("R", "u1"), ("G", "u1"), ("B", "u1")])
    for channel, name in enumerate("RGB"):
        rgb[name] = colours[..., channel]
    path = write_nifti(tmp_path / "rgb.nii", rgb, np.eye(4))
    found = opened(path, "axis=2&slice=1")
    assert found.is_colour
    assert np.array_equal(found.pixels, colours[:, :, 1].swapaxes(0, 1))


def test_volumes_that_nibabel_ships_are_read(tmp_path: Path) -> None:
    volume = open_volume(SHIPPED / "anatomical.nii")
    assert (volume.geometry.shape, volume.count("sagittal"), volume.depth) == ((33, 41, 25), 33, "16-bit")
    four = SHIPPED / "example4d.nii.gz"
    with pytest.raises(InvalidImage, match=r"holds 2 volumes in its fourth dimension.* by --reading page=1"):
        open_volume(four)
    second = open_volume(four, Reading(page=2))
    assert np.array_equal(second.voxels, np.asarray(nibabel.load(four).dataobj)[..., 1])
    assert second.decisions == ("page 2 of 2",)
    with pytest.raises(InvalidImage, match=r"holds 2 volumes and no page 3"):
        open_volume(four, Reading(page=3))


def _truncated(path: Path) -> None:
    whole = path.with_name("whole.nii.gz")
    write_nifti(whole, brain()[0])
    path.write_bytes(whole.read_bytes()[:2000])


def _claims_much(path: Path) -> None:
    header = bytearray(gzip.decompress(write_nifti(path, brain()[0]).read_bytes())[:352])
    header[42:48] = struct.pack("<3h", 30000, 30000, 30000)
    path.write_bytes(gzip.compress(bytes(header)))


def _nan(path: Path) -> None:
    voxels = brain()[0].astype(np.float32)
    voxels[3, 4, 2] = np.nan
    write_nifti(path, voxels)


def _vectors(path: Path) -> None:
    write_nifti(path, np.zeros((4, 4, 4, 1, 3), np.float32), np.eye(4))


HOSTILE = [
    (_truncated, "0..4095", r"cannot be read, damaged or truncated \(Compressed file ended"),
    (lambda path: path.write_bytes(b"no volume"), "0..1", "cannot be read, damaged or truncated"),
    (lambda path: path.write_bytes(b""), "0..1", "cannot be read, damaged or truncated"),
    (_claims_much, "0..4095", "claims 30000x30000x30000 voxels, more than 1000 million"),
    (_nan, "0..4095", "has float voxels, some of them NaN or infinite"),
    (_vectors, "0..1", "has 5 dimensions, 4x4x4x1x3, of which a volume has three"),
    (lambda path: write_nifti(path, np.zeros((4, 4, 4), np.complex64)), "0..1", "type complex64, which are no grey"),
    (lambda path: write_nifti(path, brain()[0] / 4095.0), "strict", r"float .* --reading 0\.\.1 or --reading minmax"),
    (lambda path: write_nifti(path, brain()[0]), "strict", r"16-bit voxels, 0\.\..* by --reading 0\.\.4095"),
    (lambda path: write_nifti(path, brain()[0] - 5), "strict", r"by --reading minmax or --reading window=CENTRE/WIDTH"),
    (lambda path: write_nifti(path, brain()[0]), "0..100", r"which leave 0\.\.100"),
    (lambda path: write_nifti(path, np.full((4, 4, 4), 7.0)), "minmax", "that are all 7, so minmax gives no range"),
    (lambda path: write_nifti(path, brain()[0][:1]), "0..4095", "has 1 slices along sagittal and no slice 1"),
    (lambda path: write_nifti(path, brain()[0], None), "0..4095", "does not say how it is oriented.* by --axis 0 or"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "reading", "says"), HOSTILE)
def test_what_cannot_be_read_is_one_line_with_the_name(make, reading: str, says: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "odd.nii.gz"
    make(path)
    with pytest.raises(InvalidImage, match=says) as caught:
        opened(path, "axis=sagittal&slice=1", reading)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_a_volume_that_changed_on_the_disk_is_read_again(tmp_path: Path) -> None:
    first, second, _ = brain()
    path = write_nifti(tmp_path / "a.nii", first)
    before = opened(path, "axis=2&slice=2", "0..4095").digest
    write_nifti(path, second.astype(np.int32))
    assert opened(path, "axis=2&slice=2", "0..4095").digest != before


def test_without_nibabel_one_line_says_how_it_is_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_nifti(tmp_path / "a.nii", brain()[0])
    monkeypatch.setitem(__import__("sys").modules, "nibabel", None)
    with pytest.raises(InvalidImage, match=r"a\.nii: needs nibabel: pip install 'fmbench\[medical\]'"):
        opened(path, "axis=2&slice=2", "0..4095")


def test_a_volume_opened_as_a_picture_says_how_a_slice_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidImage, match=r"is a volume, not an image: .*#axis=axial&slice=0"):
        Image.open(write_nifti(tmp_path / "a.nii", brain()[0]))
