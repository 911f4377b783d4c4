"""Scoring on a dask cluster on loopback: the same digits, whoever dies."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image as Pillow

from benchmark import cluster as clusters
from benchmark.cli import main
from benchmark.cluster import Cluster
from benchmark.databases import open_database
from benchmark.errors import BenchmarkError
from benchmark.runs.request import Computing
from benchmark.scoring import remote
from benchmark.scoring.plan import Plan
from benchmark.scoring.rows import ScoreRow
from benchmark.scoring.score import score_database
from benchmark.scoring.store import ScoreStore
from fusion_metrics import create
from fusion_metrics.selection import select_metrics
from tests.clusters import LocalCluster, local_cluster
from tests.databases import write_database

pytestmark = pytest.mark.filterwarnings("ignore")  # dask's own deprecations and port notices
METRICS = "sd,mi,psnr"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_database(tmp_path / "db", pairs=4)


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    with local_cluster(tmp_path_factory.mktemp("cluster") / "dask") as cluster:
        yield cluster


def run(folder: Path, cluster: Cluster | None = None, metrics: str = METRICS, **options: object) -> list[ScoreRow]:
    with ScoreStore(folder.parent / "scores.sqlite") as store:
        return score_database(
            open_database(str(folder)),
            select_metrics(metrics),
            store=store,
            cluster=cluster,
            **options,  # type: ignore[arg-type]
        ).rows


def values(rows: list[ScoreRow]) -> list[ScoreRow]:
    return [replace(row, seconds=0.0) for row in rows]


@pytest.mark.parametrize("shared", [False, True])
def test_a_cluster_gives_the_same_rows(folder: Path, two_workers: LocalCluster, shared: bool) -> None:
    rows = run(folder, Cluster(two_workers.address, shared_storage=shared), fresh=True)
    assert values(rows) == values(run(folder, fresh=True))


def test_with_shared_storage_no_pixels_are_sent(folder: Path) -> None:
    with ScoreStore(folder.parent / "scores.sqlite") as store:
        plan = Plan(open_database(str(folder)), tuple(select_metrics(METRICS)), store, lambda known, stored: None, True)
        for task in plan.tasks():
            sent = remote.to_send(task, plan.database.reading, plan.files)
            pictures = [*sent.two, *sent.all, *(fused for _, fused, _ in sent.work)]
            assert {type(picture) for picture in pictures} == {remote.PictureFile}
            assert all(Path(picture.path).is_absolute() for picture in pictures)


@pytest.mark.parametrize(
    ("how", "said"), [("changed", "is another picture there"), ("missing", "no such file"), ("text", "not an image")]
)
def test_a_worker_that_sees_other_files_says_so(folder: Path, how: str, said: str) -> None:
    with ScoreStore(folder.parent / "scores.sqlite") as store:
        plan = Plan(open_database(str(folder)), tuple(select_metrics(METRICS)), store, lambda known, stored: None, True)
        sent = remote.to_send(next(plan.tasks()), plan.database.reading, plan.files)
    bad = folder / "fused/blur1/p0.png"
    if how == "changed":
        Pillow.fromarray(255 - np.array(Pillow.open(bad))).save(bad)
    elif how == "missing":
        bad.unlink()
    else:
        bad.write_text("text")
    with pytest.raises(BenchmarkError, match=f"{bad.name}.*{said}.*--shared-storage") as caught:
        remote.run_remote_task(sent)
    assert "\n" not in str(caught.value)


def test_a_worker_that_lacks_an_extra_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "_CHECKED", set())
    metric = create("sd")
    metric.spec = replace(metric.spec, requires=("no_such_module",))
    with pytest.raises(BenchmarkError, match=r"lacks no_such_module, which sd needs.*--metrics '\.\.\.,!sd'"):
        remote._check(metric, metric.parameters)


def test_a_worker_with_other_weights_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "_CHECKED", set())
    with pytest.raises(BenchmarkError, match="other weights for sd"):
        remote._check(create("sd"), "[('weights', 'other')]")


def test_a_worker_of_another_version_says_so(
    folder: Path, two_workers: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clusters.fusion_metrics, "__version__", "99.0")
    with pytest.raises(BenchmarkError, match=r"worker tcp://127\.0\.0\.1:\d+ has fmbench .* and this machine 99\.0"):
        run(folder, Cluster(two_workers.address), fresh=True)


def _kill_at_first_score(cluster: LocalCluster, workers: list[int], folder: Path, **options: object) -> list[ScoreRow]:
    """Kill workers when the first scores come in; they are waited for, so that nothing is quicker than the kill."""
    killed = threading.Event()

    def on_progress(known: int, stored: int) -> None:
        if known and not killed.is_set():
            killed.set()
            for worker in workers:
                cluster.kill(worker)

    return run(folder, Cluster(cluster.address), on_progress=on_progress, **options)


def test_a_worker_killed_in_the_middle_costs_no_score(folder: Path, tmp_path: Path) -> None:
    with local_cluster(tmp_path / "dask") as cluster:
        rows = _kill_at_first_score(cluster, [0], folder)
    assert values(rows) == values(run(folder, fresh=True))


def test_when_all_workers_are_dead_what_was_scored_is_kept(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clusters, "PATIENCE", 1.0)
    monkeypatch.setattr(clusters, "_AHEAD", 1)
    with (
        local_cluster(tmp_path / "dask", workers=1) as cluster,
        pytest.raises(BenchmarkError, match="has had no worker for 1 s; what was scored is stored"),
    ):
        _kill_at_first_score(cluster, [0], folder)
    stored = []
    rows = run(folder, on_progress=lambda known, found: stored.append(found))
    assert 0 < sum(stored) < len(rows)
    assert values(rows) == values(run(folder, fresh=True))


def test_a_scheduler_that_does_not_answer_is_one_line(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed", reason="dask is not installed: pip install 'fmbench[distributed]'")
    monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(clusters, "ANSWER", 1)
    result = CliRunner().invoke(main, ["score", str(folder), "--metrics", "sd", "--scheduler", "tcp://127.0.0.1:9"])
    assert result.exit_code == 2
    assert "--scheduler tcp://127.0.0.1:9: no dask scheduler answers within 1 s" in result.stderr
    assert "Traceback" not in result.output


def test_shared_storage_without_a_cluster_is_refused() -> None:
    with pytest.raises(BenchmarkError, match=r"--shared-storage.*--scheduler"):
        Computing(shared_storage=True)
