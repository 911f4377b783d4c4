"""DICOM files and series as volumes: order, scale, window and inversion against pydicom, and what is refused."""

from __future__ import annotations

import gzip
import shutil
import sys
from pathlib import Path

import nibabel
import numpy as np
import pytest

from fusion_metrics import Image, InvalidImage
from fusion_metrics.volumes.opening import open_geometry, open_volume
from tests.volumes import AFFINE, brain, dataset, write_nifti, write_series

pydicom = pytest.importorskip("pydicom")


def shipped(name: str) -> Path:
    return Path(pydicom.__file__).parent / "data" / "test_files" / name


def opened(path: Path, where: str, reading: str = "strict") -> Image:
    return Image.open(f"{path}#{where}", reading)


def test_a_series_is_the_same_volume_as_its_nifti_file(tmp_path: Path) -> None:
    a, _, _ = brain()
    series, file = write_series(tmp_path / "a", a), write_nifti(tmp_path / "a.nii.gz", a)
    grid = open_geometry(series)
    assert np.allclose(grid.affine, AFFINE)
    assert grid.along("axial").difference(open_geometry(file).along("axial")) == ""
    for axis, index in (("axial", 3), ("coronal", 9), ("sagittal", 7), ("2", 3), ("0", 5)):
        where = f"axis={axis}&slice={index}"
        assert opened(series, where, "0..4095").digest == opened(file, where, "0..4095").digest, axis


def test_a_series_that_pydicom_ships_is_ordered_by_place_and_rescaled() -> None:
    folder = shipped("dicomdirtests/98892001/CT5N")
    files = sorted(map(pydicom.dcmread, folder.iterdir()), key=lambda file: file.ImagePositionPatient[2])
    volume = open_volume(folder)
    assert volume.geometry.spacing == pytest.approx((0.488281, 0.488281, 2.5))
    assert len(files) == 5
    for k, file in enumerate(files):
        assert np.array_equal(volume.voxels[:, :, k].T, file.pixel_array * file.RescaleSlope + file.RescaleIntercept)
        seen = pydicom.pixels.apply_windowing(volume.voxels[:, :, k].T, file)
        low, high = (file.RescaleIntercept + level for level in (-(2**15), 2**15 - 1))
        assert file.BitsStored == 16
        assert file.PixelRepresentation == 1
        expected = (seen - low) / (high - low) * 255
        assert np.allclose(opened(folder, f"axis=2&slice={k}").pixels, expected, atol=1e-9)


def test_the_window_of_the_header_is_said_and_a_reading_takes_its_place(tmp_path: Path) -> None:
    a, _, _ = brain()
    folder = write_series(tmp_path / "a", a, slope=1, intercept=-1024, window=(400, 801))
    found = opened(folder, "axis=2&slice=2")
    assert found.decisions == ("window 400/801 of the header",)
    # LINEAR, PS3.3 C.11.2.1.2.1: black is at 399.5 - 800 / 2.
    assert np.allclose(found.pixels, np.clip((a[:, :, 2].T - 1024 + 0.5) / 800, 0, 1) * 255, atol=1e-9)
    other = opened(folder, "axis=2&slice=2", "window=40/80")
    assert np.allclose(other.pixels, np.clip((a[:, :, 2].T - 1024) / 80, 0, 1) * 255, atol=1e-9)


def test_slices_with_windows_of_their_own_have_no_common_scale(tmp_path: Path) -> None:
    folder = write_series(tmp_path / "a", brain()[0], window=(400, 800))
    path = folder / "IM000.dcm"
    file = pydicom.dcmread(path)
    file.WindowCenter = 500
    file.save_as(path)
    with pytest.raises(InvalidImage, match=r"16-bit voxels with windows that differ between slices, 0.* is not said"):
        opened(folder, "axis=2&slice=2")


@pytest.mark.parametrize("kind", ["SIGMOID", "LUT"])
def test_what_is_no_straight_line_is_applied_by_pydicom(kind: str, tmp_path: Path) -> None:
    a, _, _ = brain()
    if kind == "SIGMOID":
        folder = write_series(tmp_path / "a", a, window=(1500, 900), VOILUTFunction="SIGMOID")
    else:
        table = pydicom.Dataset()
        levels = (np.arange(4096) ** 2 // 4096).astype("<u2")
        table.LUTDescriptor, table.LUTData = [4096, 0, 12], levels.tobytes()
        folder = write_series(tmp_path / "a", a, VOILUTSequence=pydicom.Sequence([table]))
    found = opened(folder, "axis=2&slice=2").pixels
    picture = a[:, :, 2].T.astype(np.float64)
    if kind == "SIGMOID":
        # As y runs over the range that 16 signed bits can hold, the sigmoid itself runs over 0..1.
        assert np.allclose(found, 255 / (1 + np.exp(-4 * (picture - 1500) / 900)), atol=1e-6)
    else:
        assert np.allclose(found, picture**2 // 4096 * (255 / 4095), atol=1e-9)


def test_monochrome1_is_inverted(tmp_path: Path) -> None:
    levels = (brain()[0] // 16).astype(np.uint8)
    folder = write_series(tmp_path / "a", levels, PhotometricInterpretation="MONOCHROME1")
    found = opened(folder, "axis=2&slice=2")
    assert np.array_equal(found.pixels, 255 - levels[:, :, 2].T)
    assert found.decisions == ("inverted since the file says that zero is white",)
    deep = write_series(tmp_path / "b", brain()[0], PhotometricInterpretation="MONOCHROME1")
    assert np.allclose(opened(deep, "axis=2&slice=2", "0..4095").pixels, (4095 - brain()[0][:, :, 2].T) * (255 / 4095))


def test_an_enhanced_file_of_many_frames_has_the_grid_that_nibabel_finds(tmp_path: Path) -> None:
    packed = Path(nibabel.__file__).parent / "nicom" / "tests" / "data" / "philips_mprage.dcm.gz"
    path = tmp_path / "philips.dcm"
    path.write_bytes(gzip.decompress(packed.read_bytes()))
    grid = open_geometry(path)
    # nibabel.nicom's wrapper gives these for the same file, rows first and slices from the other end.
    assert grid.shape == (256, 256, 176)
    expected = np.array([[-9.99435470e-01, 0, 0], [-9.85782168e-11, 0, 0], [-3.38654231e-02, 0, 0]])[:, 0]
    assert np.allclose(grid.affine[:3, 2], -expected, atol=1e-4)
    assert np.allclose(grid.affine[:3, 3] + 175 * grid.affine[:3, 2], [82.1908302, 125.12767, 142.421648], atol=1e-3)


def test_frames_without_places_are_sliced_by_number_and_colours_are_rgb() -> None:
    path = shipped("SC_rgb_rle_2frame.dcm")
    volume = open_volume(path)
    assert volume.geometry.affine is None
    assert volume.count("2") == 2
    found = opened(path, "axis=2&slice=1")
    assert np.array_equal(found.pixels, pydicom.dcmread(path).pixel_array[1])
    with pytest.raises(InvalidImage, match=r"does not say how it is oriented.* by --axis 0 or --axis 1"):
        opened(path, "axis=axial&slice=1")


def _gap(folder: Path) -> None:
    (folder / "IM003.dcm").unlink()


def _twice(folder: Path) -> None:
    shutil.copy(folder / "IM003.dcm", folder / "again.dcm")


def _truncated(folder: Path) -> None:
    path = folder / "IM000.dcm"
    path.write_bytes(path.read_bytes()[:-500])


def _cut_short(folder: Path) -> None:
    (folder / "IM000.dcm").write_bytes(b"")


def _changed(folder: Path, **elements: object) -> None:
    path = folder / "IM000.dcm"
    file = pydicom.dcmread(path)
    for name, value in elements.items():
        setattr(file, name, value)
    file.save_as(path)


def _two_series(folder: Path) -> None:
    for path in write_series(folder / "x", brain()[1], uid="1.2.3").iterdir():
        shutil.move(path, folder / f"x{path.name}")


def _mosaic(folder: Path) -> None:
    for path in folder.iterdir():
        file = pydicom.dcmread(path)
        file.ImageType = ["ORIGINAL", "PRIMARY", "MOSAIC"]
        file.save_as(path)


HOSTILE = [
    (_gap, r"missing or uneven: between IM005\.dcm \(-27 mm\) and IM001\.dcm \(-21 mm\) are 6 mm, elsewhere 3"),
    (_twice, r"IM003\.dcm and again\.dcm are at one place, -24 mm"),
    (_truncated, "cannot be read"),
    (_cut_short, r"IM000\.dcm: is not a DICOM file, in the folder of a series"),
    (lambda folder: _changed(folder, PixelSpacing=[1, 1]), "differ in pixel spacing, so they are no volume"),
    (lambda folder: _changed(folder, ImageOrientationPatient=[0, 1, 0, 1, 0, 0]), "differ in orientation"),
    (lambda folder: _changed(folder, ImagePositionPatient=None), "do not say where they are"),
    (lambda folder: _changed(folder, PhotometricInterpretation="MONOCHROME1"), "differ in their colours"),
    (_two_series, r"holds 2 series, .*\(made for a test, 6 images\).* by --series "),
    (_mosaic, "is a mosaic, many slices in one picture"),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "says"), HOSTILE)
def test_a_series_that_is_no_volume_is_one_line(spoil, says: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    folder = write_series(tmp_path / "series", brain()[0])
    spoil(folder)
    with pytest.raises(InvalidImage, match=says) as caught:
        opened(folder, "axis=2&slice=2", "0..4095")
    assert str(folder) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_series_is_chosen_by_its_uid(tmp_path: Path) -> None:
    folder = write_series(tmp_path / "series", brain()[0])
    _two_series(folder)
    found = opened(folder, "axis=2&slice=2&series=1.2.3", "0..4095")
    assert np.array_equal(found.pixels, brain()[1][:, :, 2].T * (255 / 4095))
    with pytest.raises(InvalidImage, match=r"holds no series 9\.9, only "):
        opened(folder, "axis=2&slice=2&series=9.9", "0..4095")


def test_palettes_and_pixels_without_a_decoder_say_so() -> None:
    with pytest.raises(InvalidImage, match="has a palette of colours, of which no volume is made"):
        opened(shipped("examples_palette.dcm"), "axis=2&slice=0")
    try:
        decoded = opened(shipped("MR_small_jpeg_ls_lossless.dcm"), "axis=2&slice=0", "minmax")
    except InvalidImage as error:
        assert "are compressed as JPEG-LS Lossless Image Compression, which needs a decoder" in str(error)
    else:  # one is installed
        assert decoded.digest == opened(shipped("MR_small.dcm"), "axis=2&slice=0", "minmax").digest


def test_a_single_picture_is_a_volume_of_one_slice(tmp_path: Path) -> None:
    picture = (brain()[0][:, :, 2] // 16).astype(np.uint8)
    header = dataset(picture, "1.2.3")
    header.SOPInstanceUID = header.file_meta.MediaStorageSOPInstanceUID = "1.2.3.1"
    header.save_as(tmp_path / "one.dcm", enforce_file_format=True)
    assert np.array_equal(opened(tmp_path / "one.dcm", "axis=2&slice=0").pixels, picture.T)


def test_without_pydicom_one_line_says_how_it_is_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_series(tmp_path / "a", brain()[0])
    monkeypatch.setitem(sys.modules, "pydicom", None)
    with pytest.raises(InvalidImage, match=r"needs pydicom: pip install 'fmbench\[medical\]'"):
        opened(folder, "axis=2&slice=2", "0..4095")
