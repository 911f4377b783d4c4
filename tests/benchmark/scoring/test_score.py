from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image as Pillow

from benchmark.databases import open_database
from benchmark.errors import BenchmarkError
from benchmark.scoring import plan, tasks
from benchmark.scoring.rows import ScoreRow
from benchmark.scoring.score import score_database
from benchmark.scoring.store import ScoreStore
from fusion_metrics import create
from fusion_metrics.selection import select_metrics
from tests.databases import write_database

METRICS = "qabf,mi,piella:qw"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_database(tmp_path / "db")


class Counter:
    known = stored = 0

    def __call__(self, known: int, stored: int) -> None:
        self.known += known
        self.stored += stored


def run(folder: Path, counter: Counter | None = None, metrics: str = METRICS, **options: object) -> list[ScoreRow]:
    with ScoreStore(folder.parent / "scores.sqlite") as store:
        return score_database(
            open_database(str(folder)),
            select_metrics(metrics),
            store=store,
            on_progress=counter or Counter(),
            **options,  # type: ignore[arg-type]
        ).rows


def values(rows: list[ScoreRow]) -> list[tuple[object, ...]]:
    return [(row.image, row.metric, row.variant, row.value, row.status, row.reason) for row in rows]


def test_rows_come_in_order_and_equal_single_calls(folder: Path) -> None:
    rows = run(folder)
    assert [(row.image, row.metric) for row in rows[:4]] == [
        ("fused/blur0/p0.png", "qabf"),
        ("fused/blur0/p0.png", "mi"),
        ("fused/blur0/p0.png", "piella"),
        ("fused/blur1/p0.png", "qabf"),
    ]
    assert len(rows) == 2 * 4 * 3
    sources = [folder / "sources" / f"p0_{side}.png" for side in "ab"]
    assert rows[3].value == create("qabf")(folder / "fused/blur1/p0.png", *sources)


@pytest.mark.filterwarnings("ignore:resource_tracker")
def test_processes_give_the_same_rows(folder: Path) -> None:
    assert values(run(folder, fresh=True, jobs=2)) == values(run(folder, fresh=True))


def test_an_alias_is_computed_and_stored_as_what_it_is_an_alias_of(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed: list[str] = []
    one = tasks._compute
    monkeypatch.setattr(
        tasks, "_compute", lambda metric, *images: (computed.append(metric.spec.id), one(metric, *images))[1]
    )
    counter, again = Counter(), Counter()
    rows = run(folder, counter, metrics="scd:tang,scd:cddfuse,scd:li2018")
    assert computed == ["scd:tang"] * 8
    assert (counter.known, counter.stored) == (24, 0)
    assert [row.variant for row in rows[:3]] == ["tang", "cddfuse", "li2018"]
    assert len({(row.image, row.value) for row in rows}) == 8
    run(folder, again, metrics="scd:ivif-zoo")
    assert (again.known, again.stored) == (8, 8)


def test_stored_scores_are_used_until_something_changes(folder: Path) -> None:
    first, again, more, fresh = Counter(), Counter(), Counter(), Counter()
    rows = run(folder, first)
    assert (first.known, first.stored) == (24, 0)
    assert run(folder, again) == rows
    assert (again.known, again.stored) == (24, 24)
    run(folder, more, metrics=METRICS + ",qabf:liu2012")
    assert (more.known, more.stored) == (32, 24)
    run(folder, fresh, fresh=True)
    assert (fresh.known, fresh.stored) == (24, 0)


def test_changed_pixels_are_scored_again(folder: Path) -> None:
    run(folder)
    Pillow.open(folder / "fused/blur3/p0.png").rotate(180).save(folder / "fused/blur0/p0.png")
    counter = Counter()
    run(folder, counter)
    assert counter.stored == 24 - 3


def test_parameters_are_part_of_the_key(folder: Path) -> None:
    database = open_database(str(folder))
    with ScoreStore(folder.parent / "scores.sqlite") as store:
        found = {q: score_database(database, [create("te", q=q)], store=store).rows[0].value for q in (1.85, 0.5, 1.85)}
    assert found[1.85] != found[0.5]


def test_pairs_larger_than_a_group_are_split(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run(folder)
    monkeypatch.setattr(plan, "GROUP", 3)
    assert values(run(folder, fresh=True)) == values(whole)


def test_of_a_scored_picture_nothing_stays_but_of_its_sources_what_others_share(folder: Path) -> None:
    with ScoreStore(folder.parent / "scores.sqlite") as store:
        database = open_database(str(folder))
        planned = plan.Plan(database, tuple(select_metrics(METRICS)), store, Counter(), fresh=False)
        task = next(planned.tasks())
    assert all(cell.computed.score.status == "ok" for cell in tasks.run_task(task))
    assert len(task.work) == 4
    assert all(fused.memo == {} for _, fused, _ in task.work)
    assert all(source.memo for source in task.sources.two)


def spoil(path: Path, how: str) -> None:
    if how == "missing":
        path.unlink()
    elif how == "truncated":
        path.write_bytes(path.read_bytes()[:200])
    elif how == "text":
        path.write_text("not an image")
    elif how == "smaller":
        Pillow.new("L", (20, 48)).save(path)
    elif how == "P":
        Pillow.new("RGB", (48, 48), "red").convert("P").save(path)
    else:
        Pillow.new(how, (48, 48)).save(path)


@pytest.mark.parametrize(
    ("how", "cause"),
    [
        ("missing", "no such file"),
        ("truncated", "truncated"),
        ("text", "not an image"),
        ("smaller", "sizes differ"),
        ("I;16", "16-bit"),
        ("P", "palette"),
        ("RGBA", "alpha"),
    ],
)
def test_one_bad_fused_image_costs_only_itself(folder: Path, how: str, cause: str) -> None:
    good = values(run(folder))
    bad = folder / "fused/blur1/p1.png"
    spoil(bad, how)
    rows = run(folder)
    failed = [row for row in rows if row.status == "error"]
    assert {row.image for row in failed} == {"fused/blur1/p1.png"}
    assert len(failed) == 3
    assert all(cause in row.reason and str(bad) in row.reason and "\n" not in row.reason for row in failed)
    assert [row for row in values(rows) if row[0] != failed[0].image] == [
        row for row in good if row[0] != failed[0].image
    ]


def test_one_bad_source_costs_only_its_pair(folder: Path) -> None:
    spoil(folder / "sources/p0_b.png", "truncated")
    rows = run(folder)
    assert {row.pair for row in rows if row.status == "error"} == {"p0"}
    assert all(row.status == "ok" for row in rows if row.pair == "p1")


def test_errors_are_tried_again(folder: Path) -> None:
    bad = folder / "fused/blur1/p1.png"
    content = bad.read_bytes()
    spoil(bad, "truncated")
    run(folder)
    bad.write_bytes(content)
    assert all(row.status == "ok" for row in run(folder))


def test_nothing_to_score(folder: Path) -> None:
    (folder / "fused.csv").write_text("image,pair,algorithm,mos,mos_std,n_votes\n")
    with pytest.raises(BenchmarkError, match="lists no fused image"):
        run(folder)
