from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.databases import embedded
from benchmark.databases.embedded import Embedded, ensure
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


def test_what_a_killed_build_left_behind_goes_with_the_next(tiny: Embedded) -> None:
    left = embedded.cache_folder() / "databases" / ".tiny-v1-killed" / "database" / "half"
    left.parent.mkdir(parents=True)
    left.write_text("")
    ensure(tiny)
    assert sorted(path.name for path in left.parents[2].iterdir()) == ["tiny-v1", "tiny-v1.lock"]


def test_an_interrupted_build_leaves_nothing(tiny: Embedded) -> None:
    def interrupted(folder: Path, progress: embedded.Progress) -> None:
        (folder / "half").write_text("")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ensure(Embedded("tiny", "Tiny", 1, interrupted))
    assert [path.name for path in (embedded.cache_folder() / "databases").iterdir()] == ["tiny-v1.lock"]
    assert ensure(tiny).is_dir()
