"""What was learnt is kept under a name that says all that it depends on."""

from __future__ import annotations

import os

import numpy as np
import pytest

from fusion_metrics.learning import Examples
from learned.training import kept as module
from learned.training.kept import Task, fitted


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path))
    return tmp_path / "fitted"


def learn(value: float):
    calls = []

    def fit(checkpoint):
        calls.append(checkpoint)
        checkpoint.parent.mkdir(exist_ok=True)
        checkpoint.write_text("under way")
        return {"weight": np.full((2, 3), value, np.float32).T}

    return fit, calls


def test_what_was_learnt_is_kept_and_its_checkpoint_is_not(folder) -> None:
    fit, calls = learn(1.5)
    for _ in range(2):
        np.testing.assert_array_equal(fitted("abc", fit)["weight"], np.full((3, 2), 1.5))
    assert calls == [folder / "abc.training"]
    assert [path.name for path in folder.iterdir()] == ["abc.safetensors"]


def test_a_damaged_file_is_learnt_again(folder) -> None:
    fit, calls = learn(1.0)
    fitted("abc", fit)
    (folder / "abc.safetensors").write_bytes(b"half of")
    np.testing.assert_array_equal(fitted("abc", fit)["weight"], 1.0)
    assert len(calls) == 2


def test_what_was_used_longest_ago_makes_room(folder, monkeypatch) -> None:
    for age, name in enumerate(("old", "older", "oldest")):
        fitted(name, learn(1.0)[0])
        os.utime(folder / f"{name}.safetensors", (10**9 - age, 10**9 - age))
    fitted("oldest", learn(1.0)[0])  # used again: now the newest
    size = (folder / "old.safetensors").stat().st_size
    monkeypatch.setattr(module, "LIMIT", 3 * size)
    fitted("new", learn(1.0)[0])
    assert sorted(path.stem for path in folder.iterdir()) == ["new", "old", "oldest"]


def test_a_digest_depends_on_everything() -> None:
    images, q, groups = (np.arange(4.0), np.arange(4.0)), np.array([0.0, 1.0]), ("p", "q")
    mask = np.eye(2, dtype=bool)
    examples = Examples(images, q, groups)
    tasks = [
        Task("about", examples, 0),
        Task("other", examples, 0),
        Task("about", examples, 1),
        Task("about", examples, 0, judge=examples),
        Task("about", Examples((images[0], images[1] + 1), q, groups), 0),
        Task("about", Examples(tuple(image.astype(np.float32) for image in images), q, groups), 0),
        Task("about", Examples(images, q[::-1], groups), 0),
        Task("about", Examples(images, q, ("p", "p")), 0),
        Task("about", Examples(images, q, groups, (mask, None)), 0),
        Task("about", Examples(images, q, groups, (None, mask)), 0),
    ]
    assert len({task.digest for task in tasks}) == len(tasks)
