"""From votes to a database, by what was said and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("starlette", reason="needs starlette: pip install 'fmbench[study]'")

from benchmark.databases import open_database
from benchmark.databases.check import check_database
from benchmark.errors import BenchmarkError
from benchmark.study.export import export_study
from benchmark.study.model import Study
from benchmark.study.progress import status_table
from tests.benchmark.study.studies import Serving, small_study
from tests.databases import write_database


def opinion(study: Study, item: int, rater: str) -> int:
    """What a scripted rater says: sharp images are better, and beta is stricter than the others."""
    step = int(study.items[item].algorithm.removeprefix("blur"))
    return max(1, 5 - step - (rater == "beta") * (item % 2))


def rate_all(folder: Path, study: Study, tokens: dict[str, str], stop: int = 10_000) -> None:
    with Serving(folder) as serving:
        for name, token in tokens.items():
            visitor = serving.visitor(token)
            slots = serving.votes.slots(serving.votes.raters()[name])
            for position, slot in enumerate(slots[:stop]):
                value = 1 if slot.kind == "training" else opinion(study, slot.item, name)
                assert visitor.vote(position, value).status_code == 200


def test_mean_scores_are_those_of_the_votes(tmp_path: Path) -> None:
    folder, study, tokens = small_study(tmp_path, repeat=0.25)
    rate_all(folder, study, tokens)
    _, warnings = export_study(folder, tmp_path / "rated")
    assert warnings == []
    database = open_database(tmp_path / "rated")
    assert (database.scores, database.score_min, database.score_max) == ("human", 1.0, 5.0)
    votes = pd.read_csv(tmp_path / "rated" / "votes.csv")
    fused = pd.read_csv(tmp_path / "rated" / "fused.csv").set_index("image")
    assert len(votes) == 36  # no training, and no image twice
    for k, image in enumerate(database.fused):
        expected = [opinion(study, k, name) for name in tokens]
        assert votes[votes["image"] == image.image]["score"].tolist() == expected
        assert image.mos == pytest.approx(np.mean(expected), abs=1e-12)
        assert image.mos_std == pytest.approx(np.std(expected, ddof=1), abs=1e-12)
        assert image.n_votes == 3
        # Student's t with two degrees of freedom: 4.3027.
        half = 4.302652729911275 * np.std(expected, ddof=1) / np.sqrt(3)
        assert fused.loc[image.image, "mos_high"] == pytest.approx(image.mos + half, abs=1e-9)
    assert list(check_database(database)) == []


def test_the_export_has_every_pixel_and_needs_nothing_else(tmp_path: Path) -> None:
    from fusion_metrics import Image

    folder, study, tokens = small_study(tmp_path)
    rate_all(folder, study, tokens)
    export_study(folder, tmp_path / "rated")
    before = [Image.open(tmp_path / "fused" / item.image).digest for item in study.items]
    shutil.rmtree(folder)
    assert [Image.open(image.path).digest for image in open_database(tmp_path / "rated").fused] == before


def test_simulated_raters_are_called_so_in_the_database_and_in_the_report(tmp_path: Path) -> None:
    folder, study, tokens = small_study(tmp_path, simulated=True)
    rate_all(folder, study, tokens)
    table, warnings = export_study(folder, tmp_path / "rated")
    assert open_database(tmp_path / "rated").scores == "simulated"
    assert "simulated raters" in table.title
    assert any("simulated" in warning for warning in warnings)
    assert "simulated" in (tmp_path / "rated" / "raters.md").read_text()
    assert "human" not in (tmp_path / "rated" / "raters.md").read_text()


def test_a_corrected_vote_counts_as_corrected_and_both_are_recorded(tmp_path: Path) -> None:
    folder, _, tokens = small_study(tmp_path, training=0, repeat=0.0)
    with Serving(folder) as serving:
        visitor = serving.visitor(tokens["alpha"])
        visitor.vote(0, 1)
        visitor.vote(0, 4, attempt=2)
    export_study(folder, tmp_path / "rated")
    assert pd.read_csv(tmp_path / "rated" / "votes.csv")["score"].tolist() == [4.0]
    record = pd.read_csv(tmp_path / "rated" / "record.csv")
    assert record[["attempt", "answer"]].to_numpy().tolist() == [[1, 1.0], [2, 4.0]]


def test_a_study_that_is_not_finished_says_who_is_behind(tmp_path: Path) -> None:
    folder, study, tokens = small_study(tmp_path)
    rate_all(folder, study, tokens, stop=8)
    _, warnings = export_study(folder, tmp_path / "rated")
    assert warnings == [f"{name} has answered 6 of 13" for name in tokens]
    database = open_database(tmp_path / "rated")
    assert sum(image.n_votes or 0 for image in database.fused) == 18
    assert all((image.mos is None) == (image.n_votes == 0) for image in database.fused)


def test_raters_are_left_out_only_by_name(tmp_path: Path) -> None:
    folder, study, tokens = small_study(tmp_path)
    rate_all(folder, study, tokens)
    _, warnings = export_study(folder, tmp_path / "rated", leave_out=("beta",))
    assert warnings == ["left out: beta"]
    assert set(pd.read_csv(tmp_path / "rated" / "votes.csv")["rater"]) == {"alpha", "gamma"}
    with pytest.raises(BenchmarkError, match="takes no part"):
        export_study(folder, tmp_path / "other", leave_out=("nobody",))


def test_nothing_is_exported_over_anything_and_nothing_of_nobody(tmp_path: Path) -> None:
    folder, study, tokens = small_study(tmp_path)
    with pytest.raises(BenchmarkError, match="nobody has rated"):
        export_study(folder, tmp_path / "rated")
    assert not (tmp_path / "rated").exists()
    rate_all(folder, study, tokens)
    with pytest.raises(BenchmarkError, match="exists already"):
        export_study(folder, folder)
    assert {path.name for path in tmp_path.iterdir()} == {"fused", "study"}


def test_two_raters_who_answer_in_turn_do_not_touch_each_other(tmp_path: Path) -> None:
    folder, _, tokens = small_study(tmp_path)
    with Serving(folder) as serving:
        visitors = {name: serving.visitor(token) for name, token in tokens.items()}
        for position in range(5):
            for number, visitor in enumerate(visitors.values(), start=1):
                assert visitor.vote(position, number).json() == {"next": position + 1}
        found = [(vote.rater, vote.value) for vote in serving.votes.all_votes()]
    assert found == [("alpha", 1.0), ("beta", 2.0), ("gamma", 3.0)] * 5
    assert [row[2].text for row in status_table(folder).rows] == ["3", "3", "3"]


def test_notes_are_recorded_as_text_that_no_spreadsheet_runs(tmp_path: Path) -> None:
    folder, _, tokens = small_study(tmp_path, notes=True, training=0)
    with Serving(folder) as serving:
        serving.visitor(tokens["alpha"]).vote(0, 3, note="=cmd()\nin the left lobe")
    export_study(folder, tmp_path / "rated")
    assert ",'=cmd() in the left lobe," in (tmp_path / "rated" / "record.csv").read_text()


def test_a_rater_whose_votes_are_noise_is_named_by_the_screening(tmp_path: Path) -> None:
    folder, study, _ = small_study(tmp_path, images=40, raters=tuple("abcdefgh"), training=0, repeat=0.0)
    rng = np.random.default_rng(0)
    with Serving(folder) as serving:
        for name, number in serving.votes.raters().items():
            for position, slot in enumerate(serving.votes.slots(number)):
                steady = opinion(study, slot.item, "") + int(rng.random() < 0.3)
                value = int(rng.integers(1, 6)) if name == "h" else min(5, steady)
                serving.votes.vote(number, position, 1, value, "", {})
    table, _ = export_study(folder, tmp_path / "rated")
    screened = {row[0].text: row[-1].text for row in table.rows}
    assert "P.913" in screened.pop("h")
    assert set(screened.values()) == {"kept"}


def test_more_than_two_sources_masks_and_references_come_through(tmp_path: Path) -> None:
    from benchmark.study.create import Plan, create_study
    from fusion_metrics import Image

    images = write_database(tmp_path / "stack", scores="none")
    lines = [f"p{k},{order},sources/p{k}_{side}.png" for k in range(2) for order, side in enumerate("bxa")]
    (images / "sources.csv").write_text("\n".join(["pair,order,source", *lines]) + "\n")
    for k in range(2):
        shutil.copy(images / "fused" / "blur1" / f"p{k}.png", images / "sources" / f"p{k}_x.png")
    rows = [f"p{k},grey,sources/p{k}_a.png,sources/p{k}_b.png,,fused/blur0/p{k}.png" for k in range(2)]
    (images / "pairs.csv").write_text("\n".join(["pair,modality,source_a,source_b,mask,reference", *rows]) + "\n")
    before = open_database(images)
    plan = Plan(design="rating", raters=("alpha",), training=0)
    study, tokens = create_study(before, tmp_path / "study", plan)
    rate_all(tmp_path / "study", study, dict(tokens))
    export_study(tmp_path / "study", tmp_path / "rated")
    after = open_database(tmp_path / "rated")
    assert after.pairs.keys() == before.pairs.keys()
    for name, pair in before.pairs.items():
        again = after.pairs[name]
        for one, other in zip(
            (*pair.sources, pair.source_a, pair.source_b, pair.reference),
            (*again.sources, again.source_a, again.source_b, again.reference),
            strict=True,
        ):
            assert one is not None
            assert other is not None
            assert Image.open(one).digest == Image.open(other).digest
