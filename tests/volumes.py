"""Small brains that the project makes itself, written as NIfTI and as DICOM, for tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

Voxels = npt.NDArray[np.int16]
#: Columns to the left, rows to the back and slices upwards, as DICOM has it: 1 x 1.5 mm pixels, 3 mm apart.
SHAPE, SPACING = (24, 28, 6), (1.0, 1.5, 3.0)
AFFINE = np.array([[-1.0, 0, 0, 12], [0, -1.5, 0, 21], [0, 0, 3.0, -30], [0, 0, 0, 1]])


def brain(seed: int = 0) -> tuple[Voxels, Voxels, Voxels]:
    """Make an anatomy, a metabolism and their mean, 0..4095; the first and the last slice are empty."""
    random = np.random.default_rng(seed)
    i, j, k = np.indices(SHAPE)
    inside = ((i - 11.5) / 10) ** 2 + ((j - 13.5) / 12) ** 2 < 1
    inside &= (k > 0) & (k < SHAPE[2] - 1)
    folds = 1500 + 900 * np.sin(i / 2 + seed) * np.cos(j / 3 + k) + random.normal(0, 60, SHAPE)
    spots = 3000 * np.exp(-(((i - 8 - k) / 4) ** 2) - ((j - 12) / 5) ** 2) + random.normal(0, 40, SHAPE)
    a, b = (np.where(inside, np.clip(field, 1, 4095), 0) for field in (folds, spots))
    return tuple(np.round(field).astype(np.int16) for field in (a, b, (a + b) / 2))  # type: ignore[return-value]


def write_nifti(path: Path, voxels: npt.NDArray[np.generic], affine: npt.NDArray[np.float64] | None = AFFINE) -> Path:
    import nibabel

    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.Nifti1Image(voxels, affine).to_filename(path)
    return path


def write_series(
    folder: Path,
    voxels: npt.NDArray[np.generic],
    *,
    slope: float | None = None,
    intercept: float = 0.0,
    window: tuple[float, float] | None = None,
    uid: str = "1.2.826.0.1.3680043.8.498.1",
    **elements: object,
) -> Path:
    """Write one file a slice, in an order of names that is not that of their places."""
    folder.mkdir(parents=True, exist_ok=True)
    count = voxels.shape[2]
    modulus = max(7, count + (count % 5 == 0))  # which shares no factor with 5
    for k in range(voxels.shape[2]):
        header = dataset(voxels[:, :, k], uid)
        header.SOPInstanceUID = header.file_meta.MediaStorageSOPInstanceUID = f"{uid}.{k + 1}"
        header.InstanceNumber = k + 1
        header.ImagePositionPatient = [-12.0, -21.0, -30.0 + 3.0 * k]
        header.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        header.PixelSpacing = [1.5, 1.0]
        if slope is not None:
            header.RescaleSlope, header.RescaleIntercept = slope, intercept
        if window is not None:
            header.WindowCenter, header.WindowWidth = window
        for name, value in elements.items():
            setattr(header, name, value)
        header.save_as(folder / f"IM{(k * 5) % modulus:03d}.dcm", enforce_file_format=True)
    return folder


def write_frames(path: Path, voxels: npt.NDArray[np.generic]) -> Path:
    """Write one enhanced file of many frames, from above to below, each with its place in functional groups."""
    from pydicom.dataset import Dataset
    from pydicom.sequence import Sequence

    def group(**macros: dict[str, object]) -> Dataset:
        found = Dataset()
        for name, values in macros.items():
            macro = Dataset()
            for key, value in values.items():
                setattr(macro, key, value)
            setattr(found, name, Sequence([macro]))
        return found

    count = voxels.shape[2]
    header = dataset(voxels[:, :, 0], "1.2.826.0.1.3680043.8.498.2")
    header.NumberOfFrames = count
    header.PixelData = np.ascontiguousarray(voxels[:, :, ::-1].transpose(2, 1, 0)).tobytes()
    header.SharedFunctionalGroupsSequence = Sequence(
        [
            group(
                PlaneOrientationSequence={"ImageOrientationPatient": [1, 0, 0, 0, 1, 0]},
                PixelMeasuresSequence={"PixelSpacing": [1.5, 1.0], "SliceThickness": 3.0},
                PixelValueTransformationSequence={"RescaleSlope": 2, "RescaleIntercept": -1000},
            )
        ]
    )
    header.PerFrameFunctionalGroupsSequence = Sequence(
        [group(PlanePositionSequence={"ImagePositionPatient": [-12.0, -21.0, -30.0 + 3.0 * k]}) for k in range(count)][
            ::-1
        ]
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    header.SOPInstanceUID = header.file_meta.MediaStorageSOPInstanceUID = "1.2.826.0.1.3680043.8.498.2.1"
    header.save_as(path, enforce_file_format=True)
    return path


def dataset(picture: npt.NDArray[np.generic], uid: str):  # type: ignore[no-untyped-def] # pydicom may be missing
    """Make a DICOM data set of a picture, columns by rows (by RGB)."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

    header = Dataset()
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    header.file_meta.MediaStorageSOPClassUID = header.SOPClassUID = CTImageStorage
    header.SeriesInstanceUID, header.SeriesDescription = uid, "made for a test"
    header.Rows, header.Columns = picture.shape[1], picture.shape[0]
    header.SamplesPerPixel = 3 if picture.ndim == 3 else 1
    header.PhotometricInterpretation = "RGB" if picture.ndim == 3 else "MONOCHROME2"
    if picture.ndim == 3:
        header.PlanarConfiguration = 0
    header.BitsAllocated = header.BitsStored = 8 * picture.dtype.itemsize
    header.HighBit = header.BitsStored - 1
    header.PixelRepresentation = int(picture.dtype.kind == "i")
    header.PixelData = np.ascontiguousarray(picture.swapaxes(0, 1)).tobytes()
    return header
