"""Volumes on the command line: NIfTI and DICOM score alike, volumes and patients are averaged, and what is refused."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest

import benchmark
from benchmark.databases.from_files import from_files
from benchmark.databases.slicing import Slicing
from fusion_metrics import Image, create
from fusion_metrics.reading import Reading
from tests.command import fmbench
from tests.volumes import AFFINE, brain, write_frames, write_nifti, write_series

METRICS = "mi,en,qabf,ssim,psnr,sd,scd,cc"
SINGLE = ("--a", "t1.nii.gz", "--b", "pet.nii.gz")
RANGE = ("--reading", "0..4095")


@pytest.fixture(autouse=True)
def brains(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One pair of volumes, and folders of two patients with the results of two algorithms."""
    monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path / "cache"))
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    for name, voxels in zip(("t1", "pet", "fused"), brain(), strict=True):
        write_nifti(Path(f"{name}.nii.gz"), voxels)
    for patient in (1, 2):
        a, b, mean = brain(patient)
        for folder, voxels, suffix in (
            ("T1", a, "nii.gz"),
            ("PET", b, "nii"),
            ("results/mean", mean, "nii.gz"),
            ("results/max", np.maximum(a, b), "nii.gz"),
        ):
            write_nifti(Path(folder) / f"patient{patient:02d}.{suffix}", voxels)


def score(*words: str, code: int = 0, metrics: str = METRICS) -> list[dict[str, str]]:
    result = fmbench("score", *words, "--metrics", metrics, "--jobs", "1", "--out", "scores.csv")
    assert result.exit_code == code, result.stderr
    with Path("scores.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def values(rows: list[dict[str, str]]) -> dict[tuple[str, str], float]:
    return {(row["pair"].rpartition("/")[2], row["metric"]): float(row["value"]) for row in rows}


def test_slices_of_a_volume_have_the_scores_of_the_same_pictures() -> None:
    rows = score(*SINGLE, "--fused", "fused.nii.gz", *RANGE)
    pictures = [[np.ascontiguousarray(voxels[:, :, k].T) for voxels in brain()] for k in range(6)]
    expected = {
        (f"z{k:03d}", name): create(name)(
            *(Image(picture, data_range=(0, 4095)) for picture in (pictures[k][2], pictures[k][0], pictures[k][1]))
        )
        for k in range(1, 5)
        for name in METRICS.split(",")
    }
    assert values(rows) == expected
    assert {row["pair"].partition("/")[0] for row in rows} == {"t1+pet"}
    assert rows[0]["image"] == "fused.nii.gz#axis=axial&slice=1"
    assert rows[0]["reading"].startswith("0..4095; a, b, fused: 16-bit voxels, 0 is black and 4095 white in the whole")


@pytest.mark.parametrize("axis", ["axial", "coronal", "sagittal", "2", "1", "0"])
def test_a_dicom_series_scores_as_its_nifti_file_to_the_last_digit(axis: str) -> None:
    pytest.importorskip("pydicom")
    for name, voxels in zip(("t1", "pet", "fused"), brain(), strict=True):
        write_series(Path(name), voxels)
    asked, metrics = ("--axis", axis, *RANGE), "mi,en,qabf,psnr,sd,scd,cc"
    files = score(*SINGLE, "--fused", "fused.nii.gz", *asked, metrics=metrics)
    series = score("--a", "t1", "--b", "pet", "--fused", "fused", *asked, "--fresh", metrics=metrics)
    mixed = score("--a", "t1", "--b", "pet.nii.gz", "--fused", "fused", *asked, "--fresh", metrics=metrics)
    assert values(files) == values(series) == values(mixed)
    assert len(files) >= 4 * 7


def test_files_of_many_frames_score_as_nifti_files_alone_and_in_folders() -> None:
    pytest.importorskip("pydicom")
    for folder, voxels in zip(("a", "b", "net"), brain(), strict=True):
        write_frames(Path(folder) / "p.dcm", voxels)
    rescaled = ("--reading", "-1000..7190")  # the same levels as 0..4095, rescaled by 2 and -1000
    expected = score(*SINGLE, "--fused", "fused.nii.gz", *RANGE)
    single = score("--a", "a/p.dcm", "--b", "b/p.dcm", "--fused", "net/p.dcm", *rescaled, "--fresh")
    folders = score("--a", "a", "--b", "b", "--fused", "net", *rescaled, "--fresh")
    assert values(single) == values(folders) == values(expected)
    assert {row["pair"].partition("/")[0] for row in folders} == {"p"}
    assert {row["algorithm"] for row in folders} == {"net"}


def test_a_coloured_result_is_scored_as_its_slices_are() -> None:
    pytest.importorskip("pydicom")
    a, b, mean = (voxels // 16 for voxels in brain())
    colours = np.stack([mean, a, b], axis=-1).astype(np.uint8)
    rgb = np.zeros(a.shape, dtype=[("R", "u1"), ("G", "u1"), ("B", "u1")])
    for channel, name in enumerate("RGB"):
        rgb[name] = colours[..., channel]
    write_nifti(Path("rgb.nii.gz"), rgb)
    write_series(Path("series"), colours)
    asked = (*SINGLE, "--slices", "2", *RANGE)
    for name in ("rgb.nii.gz", "series"):
        [row] = score(*asked, "--fused", name, "--fresh", metrics="en")
        assert float(row["value"]) == create("en")(colours[:, :, 2].swapaxes(0, 1).copy())


def test_one_address_is_enough_for_python_and_for_a_database() -> None:
    where = "axis=axial&slice=3"
    fused, a, b = (Image.open(f"{name}.nii.gz#{where}", "0..4095") for name in ("fused", "t1", "pet"))
    Path("pairs.csv").write_text(
        f"pair,modality,source_a,source_b,mask\np,MR/PET,t1.nii.gz#{where},pet.nii.gz#{where},\n"
    )
    Path("fused.csv").write_text(f"image,pair,algorithm,mos,mos_std,n_votes\nfused.nii.gz#{where},p,mean,,,\n")
    Path("database.toml").write_text('[database]\nname = "d"\nscores = "none"\nreading = "0..4095"\n')
    [row] = score(".", metrics="qabf")
    assert float(row["value"]) == create("qabf")(fused, a, b)


def test_an_address_does_not_lead_out_of_a_database(tmp_path: Path) -> None:
    where = "axis=axial&slice=3"
    Path("inside").mkdir()
    shutil.copy("pet.nii.gz", "inside")
    Path("inside/t1.nii.gz").symlink_to(Path("t1.nii.gz").absolute())
    Path("inside/pairs.csv").write_text(
        f"pair,modality,source_a,source_b,mask\np,x,t1.nii.gz#{where},pet.nii.gz#{where},\n"
    )
    Path("inside/fused.csv").write_text("image,pair,algorithm,mos,mos_std,n_votes\n")
    Path("inside/database.toml").write_text('[database]\nname = "d"\nscores = "none"\n')
    result = fmbench("score", "inside")
    assert result.exit_code == 2
    assert "leaves the folder; --allow-outside permits that" in result.stderr


def test_volumes_of_patients_are_averaged_and_each_patient_counts_once() -> None:
    spoilt = brain(2)[0].copy()
    spoilt[:, :, 1] = 0  # so that one patient has fewer slices
    write_nifti(Path("T1/patient02.nii.gz"), spoilt)
    found = benchmark.score(a="T1", b="PET", fused="results", metrics="qabf,en", reading="0..4095")
    assert len(found.tables) == 2
    counts = found.scores.groupby("pair").size().groupby(lambda pair: pair.partition("/")[0]).size()
    assert counts.to_dict() == {"patient01": 4, "patient02": 3}
    per_volume = found.scores.groupby([found.scores["pair"].str.partition("/")[0], "algorithm", "metric"])[
        "value"
    ].mean()
    for algorithm in ("mean", "max"):
        for metric in ("qabf", "en"):
            each = [per_volume[patient, algorithm, metric] for patient in ("patient01", "patient02")]
            assert found.means.loc[algorithm, metric] == pytest.approx(np.mean(each), rel=1e-12)
            assert found.volume_means.loc[("patient02", algorithm), metric] == pytest.approx(each[1], rel=1e-12)
    assert "mean over 2 volumes of their means, 7 slices in all" in found.table.title
    assert "5 of 12 slices are left out because a source is constant there; --slices : keeps them" in found.table.notes


def test_both_tables_are_printed_and_the_plan_has_a_line_a_volume() -> None:
    asked = ("score", "--a", "T1", "--b", "PET", "--fused", "results", *RANGE, "--metrics", "qabf", "--jobs", "1")
    result = fmbench(*asked)
    assert result.exit_code == 0
    assert result.stdout.index("Mean over the slices of each volume") < result.stdout.index("mean over 2 volumes")
    assert "patient02   mean" in result.stdout
    plan = fmbench(*asked, "--plan").stdout
    assert plan.count("z001..z004 (4)") == 4
    assert "16 slices of 4 fused volumes would be scored" in plan


def test_slices_that_are_asked_for_are_scored_even_where_a_source_is_constant() -> None:
    rows = score(*SINGLE, "--fused", "fused.nii.gz", *RANGE, "--slices", "0:3", metrics="qabf,sd")
    assert [row["pair"] for row in rows[::2]] == [f"t1+pet/z{k:03d}" for k in range(3)]
    assert [(row["status"], row["metric"]) for row in rows[:2]] == [("undefined", "qabf"), ("ok", "sd")]


def test_series_in_folders_and_names_with_affixes_are_matched() -> None:
    pytest.importorskip("pydicom")
    for patient in (1, 2):
        a, b, mean = brain(patient)
        for role, voxels in (("t1", a), ("pet", b), ("mean", mean)):
            write_series(Path(f"scans-{role}") / f"p.{patient}_{role}", voxels)
    found = from_files(
        *(Path("scans-t1"), Path("scans-pet"), [Path("scans-mean")]),
        benchmark.databases.matching.Match.parse("suffix:_t1,_pet,_mean"),
        slicing=Slicing(slices="2:4", reading=Reading(levels="0..4095")),
    )
    assert [image.pair for image in found.fused] == ["p.1/z002", "p.1/z003", "p.2/z002", "p.2/z003"]
    assert {image.algorithm for image in found.fused} == {"scans-mean"}


def test_a_volume_that_cannot_be_scored_costs_only_itself() -> None:
    path = Path("results/max/patient01.nii.gz")
    path.write_bytes(path.read_bytes()[:900])
    write_nifti(Path("results/mean/patient02.nii.gz"), brain(2)[2], AFFINE @ np.diag([1, 1, 1.1, 1]))
    Path("results/mean/patient01.nii.gz").rename("results/mean/patient09.nii.gz")
    result = fmbench(
        "score", "--a", "T1", "--b", "PET", "--fused", "results", *RANGE, "--metrics", "qabf", "--jobs", "1"
    )
    assert result.exit_code == 2
    errors = [line for line in result.stderr.splitlines() if line.startswith("error")]
    assert sorted(errors) == [
        "error: T1/patient01.nii.gz: no fused volume of stem 'patient01' by mean",
        "error: T1/patient02.nii.gz and results/mean/patient02.nii.gz: geometry differs, spacing 1x1.5x3 mm and "
        "1x1.5x3.3 mm: resample one onto the other",
        "error: results/max/patient01.nii.gz: cannot be read, damaged or truncated (Compressed file ended before the "
        "end-of-stream marker was reached)",
        "error: results/mean/patient09.nii.gz: no partner of stem 'patient09' in T1 and PET",
    ]
    assert "patient02   max" in result.stdout


REFUSED = [
    ((*SINGLE, "--fused", "fused.nii.gz"), "t1.nii.gz: has 16-bit voxels, 0..", "decide it by --reading 0..4095 or"),
    ((*SINGLE, "--fused", "fused.nii.gz", "--slices", "90:95", *RANGE), "--slices 90:95 names none of 6 slices", ""),
    ((*SINGLE, "--fused", "fused.nii.gz", "--slices", "x"), "slices 'x' are not understood", ""),
    ((*SINGLE, "--fused", "T1", "--axis", "z"), "'--axis'", ""),
    ((*SINGLE, "--fused", "fused.png", *RANGE), "fused.png: no such file", ""),
    (("--a", "t1.nii.gz", "--b", "PET", "--fused", "fused.nii.gz"), "PET: is no volume, but t1.nii.gz is one", ""),
    (("--a", "T1", "--b", "PET", "--fused", "fused.nii.gz"), "fused.nii.gz: is a volume, but the sources are", ""),
    (("--a", "T1", "--b", "PET", "--fused", "bare", *RANGE), "folder without volumes", ""),
    (("--a", "T1", "--b", "PET", "--fused", ".", *RANGE), "no file stem in common (a: patient01,", "order"),
    (("--a", "absent.nii", "--b", "pet.nii.gz", "--fused", "fused.nii.gz"), "absent.nii: no such file or folder", ""),
    (("--a", "t1.nii.gz", "--b", "shifted.nii.gz", "--fused", "fused.nii.gz", *RANGE),
     "t1.nii.gz and shifted.nii.gz: geometry differs, position of the first voxel (-11, -19.5, -30) and ", "resample"),
    (("--a", "mr.png", "--b", "pet.png", "--fused", "fused.png", "--slices", "3"), "mr.png: is no volume", "--axis"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "says", "ends"), REFUSED)
def test_what_cannot_be_meant_is_one_line(words: tuple[str, ...], says: str, ends: str) -> None:
    affine = AFFINE.copy()
    affine[0, 3] += 0.5
    write_nifti(Path("shifted.nii.gz"), brain()[1], affine)
    Path("bare").mkdir()
    result = fmbench("score", *words, "--metrics", "sd", "--jobs", "1")
    assert result.exit_code == 2
    assert says in result.stderr
    assert ends in result.stderr
    assert "Traceback" not in result.stderr


def test_a_result_without_a_stated_place_is_compared_by_shape_along_a_stored_axis() -> None:
    write_nifti(Path("plain.nii.gz"), brain()[2], None)
    asked = (*SINGLE, "--fused", "plain.nii.gz", *RANGE)
    result = fmbench("score", *asked, "--metrics", "sd", "--jobs", "1")
    assert result.exit_code == 2
    assert "plain.nii.gz: does not say how it is oriented" in result.stderr
    known = score(*SINGLE, "--fused", "fused.nii.gz", *RANGE, "--axis", "2", metrics="qabf")
    assert values(score(*asked, "--axis", "2", metrics="qabf")) == values(known)


def test_methods_are_compared_over_volumes_and_not_over_their_slices() -> None:
    found = benchmark.compare(
        from_files(Path("T1"), Path("PET"), [Path("results")], slicing=Slicing(reading=Reading(levels="0..4095"))),
        metrics="qabf",
    )
    assert set(found.parts[0].values.groups) == {"patient01", "patient02"}
    assert len(found.parts[0].values.images) == 8


def test_volumes_are_not_fused_and_said_to_be_volumes() -> None:
    for a, b in (("t1.nii.gz", "pet.nii.gz"), ("T1", "PET")):
        result = fmbench("fuse", "--a", a, "--b", b, "--out", "fused.png")
        assert result.exit_code == 2
        assert result.stderr == f"error: {a}: is a volume, or a folder of them; what is fused are pictures\n"
