"""Folders within folders: which name is an algorithm's and which a dataset's."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.databases.from_files import from_files
from benchmark.errors import BenchmarkError
from tests.databases import save
from tests.pictures import picture


def folder(root: Path, *stems: str) -> Path:
    for stem in stems or ("1", "2"):
        save(root / f"{stem}.png", picture((16, 16)))
    return root


@pytest.fixture
def sources(tmp_path: Path) -> tuple[Path, Path]:
    return folder(tmp_path / "data/TNO/ir"), folder(tmp_path / "data/TNO/vi")


def algorithms(a: Path, b: Path, *fused: Path) -> list[tuple[str, str]]:
    database = from_files(a, b, fused)
    assert not any(image.problem for image in database.fused)
    return [(image.algorithm, image.pair) for image in database.fused]


BOTH = [("m1", "1"), ("m1", "2"), ("m2", "1"), ("m2", "2")]


@pytest.mark.parametrize("form", ["{method}/TNO", "TNO/{method}"])
@pytest.mark.parametrize("others", [(), ("MSRS",), ("MSRS", "Road")])
def test_methods_may_be_below_or_above_the_dataset(
    tmp_path: Path, sources: tuple[Path, Path], form: str, others: tuple[str, ...]
) -> None:
    for method in ("m1", "m2"):
        folder(tmp_path / "out" / form.format(method=method))
        for other in others:
            folder(tmp_path / "out" / form.format(method=method).replace("TNO", other), "9")
    assert algorithms(*sources, tmp_path / "out") == BOTH


def test_folders_of_a_dataset_are_named_by_the_method_above(tmp_path: Path, sources: tuple[Path, Path]) -> None:
    named = [folder(tmp_path / "out" / method / "TNO") for method in ("m1", "m2")]
    assert algorithms(*sources, *named) == BOTH
    assert algorithms(*sources, *(path.parent for path in named)) == BOTH


def test_one_dataset_is_told_although_the_sources_do_not_name_it(tmp_path: Path) -> None:
    a, b = folder(tmp_path / "ir"), folder(tmp_path / "vi")
    for method in ("m1", "m2"):
        folder(tmp_path / "out" / "TNO" / method)
    assert algorithms(a, b, tmp_path / "out") == BOTH
    folder(tmp_path / "out" / "MSRS" / "m1")
    with pytest.raises(BenchmarkError, match=r"is not clear: name those of one dataset, such as --fused"):
        from_files(a, b, [tmp_path / "out"])


@pytest.mark.parametrize("form", ["{method}/{dataset}", "{dataset}/{method}"])
def test_several_datasets_at_once(tmp_path: Path, form: str) -> None:
    for dataset in ("TNO", "MSRS"):
        folder(tmp_path / "ir" / dataset, "1")
        folder(tmp_path / "vi" / dataset, "1")
        for method in ("m1", "m2"):
            folder(tmp_path / "out" / form.format(method=method, dataset=dataset), "1")
    assert sorted(algorithms(tmp_path / "ir", tmp_path / "vi", tmp_path / "out")) == [
        *(("m1", "MSRS/1"), ("m1", "TNO/1"), ("m2", "MSRS/1"), ("m2", "TNO/1"))
    ]


def test_methods_beside_their_sources_leave_the_sources_out(tmp_path: Path, sources: tuple[Path, Path]) -> None:
    for method in ("m1", "m2"):
        folder(tmp_path / "data/TNO" / method)
    assert algorithms(*sources, tmp_path / "data/TNO") == BOTH


def test_an_algorithm_may_be_called_as_a_folder_above_the_sources(tmp_path: Path) -> None:
    a, b = folder(tmp_path / "csr/ir"), folder(tmp_path / "csr/vi")
    for method in ("csr", "gff"):
        folder(tmp_path / "out" / method)
    assert {algorithm for algorithm, _ in algorithms(a, b, tmp_path / "out")} == {"csr", "gff"}
