"""The panel of simulated readers: its rules, and its shares of votes as they were calibrated."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.databases.phantom import COMPOSITIONS
from benchmark.databases.phantom.readers import PANELS, Impression, Reading, icc, panel, vote
from benchmark.fusion import fuse
from tests.phantoms import QUICK, needs_anatomy, rendered

shares = st.floats(0, 1)
impressions = st.builds(
    Impression,
    modality=st.sampled_from(["MR/SPECT", "MR/PET", "CT/MR", "MR-T1/MR-T2"]),
    lesion=st.none() | shares,
    anatomy=shares,
    function=shares,
    artefact=st.floats(0, 60),
)


@settings(max_examples=50)
@given(impressions, st.sampled_from(sorted(PANELS)), st.text(max_size=20))
def test_votes_are_scores_and_come_out_the_same(impression, database, image) -> None:
    given_ = vote(database, image, impression)
    assert set(given_.votes.values()) <= {1, 2, 3, 4, 5}
    assert given_ == vote(database, image, impression)
    one, other, *asked = given_.votes.values()
    assert len(asked) == (abs(one - other) > 1)
    assert given_.mos == (asked[0] if asked else (one + other) / 2)


@given(impressions, st.sampled_from(["anatomy", "function", "artefact"]), shares)
def test_better_is_never_felt_to_be_worse(impression, component, share) -> None:
    step = -share * impression.artefact if component == "artefact" else share
    better = dataclasses.replace(impression, **{component: getattr(impression, component) + step})
    reader = PANELS["phantom"].first
    assert reader.percept(better, "phantom", "x") >= reader.percept(impression, "phantom", "x") - 1e-12


def test_internal_noise_belongs_to_database_image_and_reader() -> None:
    usual = Impression("MR/PET", 0.55, 0.7, 0.7, 7.5)
    reader = PANELS["phantom"].first
    percepts = np.array([reader.percept(usual, "phantom", f"{i}.png") for i in range(400)])
    assert percepts.std() == pytest.approx(reader.noise, rel=0.15)
    other = np.array([reader.percept(usual, "phantom-external", f"{i}.png") for i in range(400)])
    second = dataclasses.replace(reader, name="reader-2")
    third = np.array([second.percept(usual, "phantom", f"{i}.png") for i in range(400)])
    assert abs(np.corrcoef(percepts, other)[0, 1]) < 0.2
    assert abs(np.corrcoef(percepts, third)[0, 1]) < 0.2


@pytest.mark.parametrize(("severities", "votes", "mos"), [((-9, 9, 9), (5, 1, 1), 1), ((9, 9, 0), (1, 1), 1)])
def test_the_senior_reader_decides_where_the_two_differ(monkeypatch, severities, votes, mos) -> None:
    readers = PANELS["phantom"]
    first, second, senior = (
        dataclasses.replace(reader, severity=severity)
        for reader, severity in zip((readers.first, readers.second, readers.senior), severities, strict=True)
    )
    monkeypatch.setitem(PANELS, "phantom", panel.Panel(first, second, senior))
    asked = vote("phantom", "x", Impression("MR/PET", 0.55, 0.7, 0.7, 7.5))
    assert tuple(asked.votes.values()) == votes
    assert list(asked.votes) == ["reader-1", "reader-2", "senior"][: len(votes)]
    assert asked.mos == mos


def test_a_failed_task_is_not_outweighed() -> None:
    mean, spread = panel.USUAL["MR/SPECT"]
    usual = Impression("MR/SPECT", *mean)
    weights = (0.25, 0.25, 0.25, 0.25)
    assert panel.quality(usual, weights) == pytest.approx(0)
    better = dataclasses.replace(usual, anatomy=mean[1] + 2 * spread[1])
    failed = dataclasses.replace(better, function=mean[2] - 2 * spread[2])
    assert panel.quality(better, weights) > 0
    assert panel.quality(failed, weights) < -0.5


def test_every_database_has_a_panel_of_its_own() -> None:
    assert set(PANELS) == set(COMPOSITIONS)
    one, other = PANELS.values()
    assert {one.first, one.second, one.senior}.isdisjoint({other.first, other.second, other.senior})
    for readers in PANELS.values():
        for reader in (readers.first, readers.second, readers.senior):
            assert sum(reader.weights) == pytest.approx(1)
    with pytest.raises(KeyError):
        vote("nobody", "x", Impression("MR/PET", None, 0.5, 0.5, 5.0))


@needs_anatomy
def test_calibration_on_a_sample() -> None:
    """Loose bounds: 13 pairs of 129, and the seven quick algorithms of ten."""
    judged = {}
    for index in range(2, 129, 10):
        pair = rendered(index)
        known = Reading(pair)
        for algorithm in QUICK:
            name = f"fused/{algorithm}/{pair.name}.png"
            judged[name] = vote("phantom", name, known.judge(fuse(pair.a, pair.b, algorithm)))
    votes = np.array([[o.votes["reader-1"], o.votes["reader-2"]] for o in judged.values()])
    share = np.bincount(votes.ravel(), minlength=6)[1:] / votes.size
    assert 0.6 < icc(votes) < 0.9
    np.testing.assert_allclose(share, (0.05, 0.15, 0.45, 0.30, 0.05), atol=0.15)
    mos = {a: np.mean([o.mos for name, o in judged.items() if f"/{a}/" in name]) for a in QUICK}
    assert min(mos["csr"], mos["laplacian"]) > max(mos["average"], mos["pca"], mos["dtm_pcnn"]) + 0.3
