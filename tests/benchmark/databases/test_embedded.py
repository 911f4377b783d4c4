from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.databases import EMBEDDED, embedded, open_database
from benchmark.databases.embedded import Embedded, ensure
from benchmark.databases.folder import load_folder
from benchmark.errors import BenchmarkError


def write_one_file(folder: Path, progress: embedded.Progress) -> None:
    (folder / "file").write_text("content")
    progress(1, 1)


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Embedded:
    monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path))
    return Embedded("tiny", "Tiny", 1, write_one_file)


def test_built_once(tiny: Embedded) -> None:
    steps: list[tuple[int, int]] = []
    first = ensure(tiny, lambda done, total: steps.append((done, total)))
    assert ensure(tiny, lambda done, total: steps.append((done, total))) == first
    assert steps == [(1, 1)]


def test_an_altered_file_is_found(tiny: Embedded) -> None:
    folder = ensure(tiny)
    (folder / "file").write_text("other")
    with pytest.raises(BenchmarkError, match="file: was altered since it was built; delete"):
        ensure(tiny)
    (folder / "file").unlink()
    with pytest.raises(BenchmarkError, match="file: is missing"):
        ensure(tiny)
    embedded.remove(tiny)
    assert (ensure(tiny) / "file").read_text() == "content"


def test_an_interrupted_build_leaves_nothing(tiny: Embedded) -> None:
    def interrupted(folder: Path, progress: embedded.Progress) -> None:
        (folder / "half").write_text("")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ensure(Embedded("tiny", "Tiny", 1, interrupted))
    assert [path.name for path in (embedded.cache_folder() / "databases").iterdir()] == []
    assert ensure(tiny).is_dir()


def test_the_same_bytes_each_time(tmp_path: Path) -> None:
    database = EMBEDDED["multifocus"]
    built = [tmp_path / name for name in ("one", "two")]
    for folder in built:
        folder.mkdir()
        database.build(folder, lambda done, total: None)
    one, two = ({path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.*")} for folder in built)
    assert one == two
    assert len(load_folder(built[0]).fused) == 102


def test_the_scores_are_called_simulated() -> None:
    database = open_database("multifocus")
    assert database.scores == "simulated"
    assert {image.mos for image in database.fused} == {1.0, 2.0, 3.0, 4.0, 5.0}
