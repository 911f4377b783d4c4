"""Any number of sources: how metrics are called, what they refuse, and what the signature says."""

from __future__ import annotations

import numpy as np
import pytest

import fusion_metrics
from fusion_metrics import FusionMetricsError, Image, InvalidImage, Metric, Variant, create, metric, registry, score
from fusion_metrics.signature import common_signature, parse_signature, with_decisions
from fusion_metrics.sources import exactly_two, mean_over
from tests.pictures import multifocus

A, B, FUSED = multifocus((64, 60))
C = ((A.astype(int) + FUSED) // 2).astype(np.uint8)


@pytest.fixture(autouse=True)
def declarations_end_with_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    fusion_metrics.list_metrics()
    monkeypatch.setattr(registry, "_specs", dict(registry._specs))


def declare(function: object, **variants: Variant) -> None:
    metric(
        "nearness",
        title="nearness",
        family="difference",
        higher_is_better=False,
        bounds=(0.0, 255.0),
        cites="ma2019",
        variants={"paper": Variant("as published"), **variants},
    )(function)  # type: ignore[type-var]


def of_all(sources: tuple[Image, ...], fused: Image, *, scale: float = 1.0) -> float:
    """Largest mean difference."""
    return scale * max(float(np.abs(source.luminance - fused.luminance).mean()) for source in sources)


def of_two(a: Image, b: Image, fused: Image, *, scale: float = 1.0) -> float:
    """Mean difference of the first."""
    return scale * float(np.abs(a.luminance - fused.luminance).mean())


def test_the_signature_of_a_function_says_how_it_takes_sources() -> None:
    declare(of_all, script=Variant("a script for two", {"scale": 2.0}), half=Variant("half", sources="all"))
    specs = [create(f"nearness{variant}").spec for variant in ("", ":script", ":half")]
    assert [spec.sources for spec in specs] == ["all", "two", "all"]
    assert [spec.needs_sources for spec in specs] == [True] * 3
    assert create("piella").spec.sources == "two"
    assert create("sd").spec.sources == "none"
    assert not create("sd").needs_sources


def test_three_sources_reach_a_function_that_takes_all() -> None:
    declare(of_all, script=Variant("a script for two", {"scale": 2.0}))
    worst = max(float(np.abs(source - FUSED.astype(float)).mean()) for source in (A, B, C))
    assert create("nearness")(FUSED, A, B, C) == worst
    assert create("nearness")(FUSED, B, a=C) == create("nearness")(FUSED, B, C)
    assert create("nearness:script")(FUSED, a=A, b=B) == 2.0 * create("nearness")(FUSED, A, B)
    with pytest.raises(InvalidImage, match=r"^nearness:script takes exactly two sources, not 3$"):
        create("nearness:script")(FUSED, A, B, C)
    with pytest.raises(InvalidImage, match="needs both source images"):
        create("nearness")(FUSED, A)
    with pytest.raises(InvalidImage, match=r"sizes differ: source 1 is 64x60 but source 3 is 63x60"):
        create("nearness")(FUSED, A, B, C[:-1])


def test_a_variant_may_have_a_function_for_two() -> None:
    declare(of_all, script=Variant("a script for two", function=of_two))
    assert create("nearness:script").spec.sources == "two"
    assert create("nearness:script")(FUSED, A, B) == of_two(Image(A), Image(B), Image(FUSED))
    with pytest.raises(FusionMetricsError, match="does not take all sources"):
        declare(of_all, script=Variant("a script for two", function=of_two, sources="all"))
    registry._specs.pop("nearness")
    with pytest.raises(FusionMetricsError, match="does not take all sources"):
        declare(of_two, more=Variant("more", sources="all"))


def test_many_metrics_of_three_sources() -> None:
    found = {
        each.metric + each.variant: each for each in score(FUSED, sources=[A, B, C], metrics="mse,scd,mse:tang,sd")
    }
    assert found["msepaper"].value == pytest.approx(create("mse")(FUSED, A, B, C), rel=1e-15)
    assert found["scdpaper"].status == found["msetang"].status == "error"
    assert found["scdpaper"].reason == "scd takes exactly two sources, not 3"
    assert "|sources=3|" in found["msepaper"].signature
    assert "sources" not in found["sdpaper"].signature
    alias, own = score(FUSED, sources=[A, B, C], metrics="mse:cddfuse,mse")
    assert (alias.status, own.status) == ("error", "ok")
    with pytest.raises(FusionMetricsError, match="not both"):
        score(FUSED, A, sources=[A, B])


def test_two_sources_are_the_same_however_they_are_given() -> None:
    metrics = "mef_ssim,qabf,mi,scd"
    named, listed = score(FUSED, A, B, metrics), score(FUSED, metrics=metrics, sources=[A, B])
    assert [(each.value, each.signature) for each in named] == [(each.value, each.signature) for each in listed]
    assert not any("sources" in each.signature for each in named)


def test_signatures_say_how_many_sources_were_looked_at() -> None:
    signature = create("qabf").signature
    two, nine = (with_decisions(signature, ["gray"], text) for text in ("2 of 9", "9"))
    assert "|sources=2 of 9|reading=gray|" in two
    assert parse_signature(two).sources == ("2 of 9",)
    assert str(parse_signature(two)) == two
    assert parse_signature(common_signature([two, nine, two])).sources == ("2 of 9", "9")
    assert Metric.from_signature(nine).spec.id == "qabf"
    assert with_decisions(signature, []) == signature


def test_a_mean_does_not_depend_on_the_order() -> None:
    images = [Image(np.full((2, 2), level, np.uint8)) for level in (1, 2, 4)]
    tenths = dict(zip(images, (0.1, 0.2, 0.3), strict=True))
    assert mean_over(images, tenths.__getitem__) == mean_over(images[::-1], tenths.__getitem__)
    with pytest.raises(InvalidImage, match="a part takes exactly two sources, not 3"):
        exactly_two(images, "a part")
