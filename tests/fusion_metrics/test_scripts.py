"""Scripts as presets, and the aliases, grey rules and functions that their variants are made of."""

from __future__ import annotations

import numpy as np
import pytest

from fusion_metrics import (
    FusionMetricsError,
    Image,
    UnknownMetric,
    Variant,
    create,
    list_metrics,
    metric,
    registry,
    score,
)
from fusion_metrics.references import reference
from fusion_metrics.scripts import Script, column_names, declare_script, find_script, list_scripts
from fusion_metrics.selection import select_metrics
from fusion_metrics.testing.pictures import multifocus

DECLARATION = {
    "title": "Twice",
    "family": "activity",
    "higher_is_better": True,
    "bounds": (0.0, 510.0),
    "cites": "@misc{me2026, title = {My metric}, author = {Me}, year = {2026}}",
}


def colours(seed: int) -> Image:
    return Image(np.random.default_rng(seed).integers(0, 256, (48, 48, 3), dtype=np.uint8))


@pytest.mark.parametrize("script", list_scripts(), ids=lambda script: script.name)
def test_a_script_says_where_it_comes_from_and_reads_all_columns_in_one_way(script: Script) -> None:
    assert script.address.startswith("https://")
    assert script.state
    assert script.notes.endswith(".")
    assert reference(script.cites).year.isdigit()
    for identifier in script.columns.values():
        spec = create(identifier).spec
        # MEFB's MEF-SSIM takes grey pictures, VIFB's SF one wide picture; all else of both works on three.
        if identifier not in ("mef_ssim:mefb", "sf:vifb"):
            assert (spec.grey if spec.channels == "luminance" else spec.channels) == script.reads, identifier


@pytest.mark.parametrize("script", list_scripts(), ids=lambda script: script.name)
def test_a_name_stands_for_the_columns_in_their_order(script: Script) -> None:
    ids = [chosen.spec.id for chosen in select_metrics(script.name)]
    assert ids == [chosen.spec.id for chosen in select_metrics(f"@{script.name.upper()}")]
    assert ids == list(script.columns.values())
    assert column_names(ids) == list(script.columns)


def test_other_metrics_have_no_column_names() -> None:
    assert column_names(["en:cddfuse", "sd:cddfuse"]) is None
    assert [chosen.spec.id for chosen in select_metrics("kumar2013,sd")][-2:] == ["nabf:kumar2013-nabf1", "sd"]


def test_an_unknown_script_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownMetric, match="cddfuse"):
        find_script("cdfuse")
    with pytest.raises(UnknownMetric, match=r"unknown metric 'cdfuse'.*cddfuse"):
        select_metrics("sd,cdfuse")


def test_two_scripts_cannot_share_a_name() -> None:
    taken = find_script("li2018")
    assert declare_script(taken) == taken
    with pytest.raises(FusionMetricsError, match="already declared"):
        declare_script(Script(**{**vars(taken), "title": "another"}))


def test_no_script_is_called_like_a_metric() -> None:
    assert not {script.name for script in list_scripts()} & {spec.name for spec in list_metrics()}


def test_every_alias_leads_to_a_variant_of_its_own() -> None:
    aliases = [spec for spec in list_metrics(variants=True) if spec.alias_of]
    assert len(aliases) > 40
    for spec in aliases:
        target = create(spec.alias_of).spec
        assert not target.alias_of
        assert (spec.function, spec.params, spec.bounds) == (target.function, target.params, target.bounds)


def test_what_an_alias_is_of_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def counted(fused: Image, *, factor: float = 2.0) -> float:
        """Twice the mean."""
        calls.append(factor)
        return factor * float(fused.luminance.mean())

    monkeypatch.setattr(registry, "_specs", dict(registry._specs))
    metric(
        "twice",
        **DECLARATION,
        variants={"paper": Variant("As published."), "other": Variant("The same.", alias_of="paper", grey="pillow")},
    )(counted)
    grey = np.full((8, 8), 40, dtype=np.uint8)
    scores = score(grey, metrics="twice,twice:other")
    assert [(one.variant, one.value) for one in scores] == [("paper", 80.0), ("other", 80.0)]
    assert calls == [2.0]
    score(np.dstack([grey, grey // 2, grey]), metrics="twice,twice:other")
    assert len(calls) == 3


def test_an_alias_of_nothing_or_with_parameters_cannot_be_declared() -> None:
    def plain(fused: Image, *, factor: float = 1.0) -> float:
        return factor

    for variant, message in (
        (Variant("Lost.", alias_of="gone"), "not declared yet"),
        (Variant("Lost.", alias_of="vif:tang"), "alias computes what vif:tang computes"),
        (Variant("Lost.", {"factor": 2.0}, alias_of="paper"), "alias computes what"),
        (Variant("Lost.", grey="sepia"), "grey cannot be 'sepia'"),
        (Variant("Lost.", function=multifocus), "takes other images"),
    ):
        with pytest.raises(FusionMetricsError, match=message):
            metric("plain", **DECLARATION, variants={"paper": Variant("As published."), "lost": variant})(plain)
    assert "plain" not in registry._specs


def test_a_variant_reads_colours_by_its_own_rule() -> None:
    image = colours(1)
    pixels = image.pixels
    pillow = np.floor((pixels @ [19595.0, 38470.0, 7471.0] + 32768.0) / 65536.0).astype(np.uint8)
    assert create("sd:tang-python")(image) == create("sd")(pillow)
    assert create("sd:tang-python").seen(image) is create("ag:ivif-zoo").seen(image)
    assert create("sd:tang-python")(image) != create("sd")(image)


def test_viff_of_cddfuse_is_vif_under_another_name() -> None:
    a, b, fused = (Image(pixels) for pixels in multifocus())
    assert create("viff:cddfuse")(fused, a, b) == create("vif:cddfuse")(fused, a, b)
    assert create("viff:cddfuse").spec.title == "VIFF"
    assert create("viff:cddfuse").spec.computed_as == "vif:cddfuse"
