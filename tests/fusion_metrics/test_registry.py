from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest

import fusion_metrics
from fusion_metrics import FusionMetricsError, Image, UndefinedScore, UnknownMetric, Variant, create, metric, registry
from fusion_metrics.scoring import evaluate
from fusion_metrics.selection import select_metrics

PAPER = {"paper": Variant("as published")}


@pytest.fixture(autouse=True)
def declarations_end_with_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    fusion_metrics.list_metrics()
    monkeypatch.setattr(registry, "_specs", dict(registry._specs))


def declare(name: str, variants: dict[str, Variant] = PAPER, **options: object) -> None:
    @metric(
        name,
        title=name,
        family="test",
        higher_is_better=True,
        bounds=(0.0, 255.0),
        cites="liu2012",
        variants=variants,
        **options,
    )
    def mean(fused: Image, *, scale: float = 1.0) -> float:
        """Mean of the fused image."""
        if scale < 0:
            raise UndefinedScore("negative scale")
        return float(fused.pixels.mean()) * scale


GREY = np.full((4, 4), 100, np.uint8)


def test_a_declared_metric_can_be_created_and_called() -> None:
    declare("mean", {**PAPER, "half": Variant("half of it", {"scale": 0.5}, bounds=(0.0, 127.5))})
    assert create("mean")(GREY) == 100.0
    assert create("mean:half")(GREY) == 50.0
    assert create("mean", scale=2.0)(GREY) == 200.0
    spec = create("mean:half").spec
    assert (spec.id, spec.bounds, spec.params, spec.needs_sources) == ("mean:half", (0.0, 127.5), {"scale": 0.5}, False)
    assert spec.summary == "Mean of the fused image."


@pytest.mark.parametrize(
    ("asked", "hint"),
    [("qabff", "'qabf'"), ("QABF", "'qabf'"), ("qabf:liu", "'liu2012'"), ("zzz", "known: ")],
)
def test_an_unknown_name_brings_the_nearest(asked: str, hint: str) -> None:
    with pytest.raises(UnknownMetric, match=hint):
        create(asked)


def test_an_unknown_parameter_brings_the_nearest() -> None:
    declare("mean")
    with pytest.raises(UnknownMetric, match="unknown parameter of mean 'scal'; did you mean 'scale'"):
        create("mean", scal=1)


def test_declarations_that_contradict_themselves() -> None:
    declare("mean")
    declare("mean")  # the same definition again, as when a module is reloaded
    with pytest.raises(FusionMetricsError, match=r"'mean' of .* is already declared by"):
        metric("mean", title="", family="", higher_is_better=True, bounds=(0, 1), cites="", variants=PAPER)(
            lambda fused: 0.0
        )
    with pytest.raises(FusionMetricsError, match="no variant 'paper'"):
        declare("other", {"liu2012": Variant("")})
    with pytest.raises(FusionMetricsError, match="no parameter"):
        declare("third", {"paper": Variant("", {"absent": 1})})
    with pytest.raises(FusionMetricsError, match="not \\(a, b, fused\\)"):
        metric("fourth", title="", family="", higher_is_better=True, bounds=(0, 1), cites="", variants=PAPER)(
            lambda image: 0.0
        )


def test_sources_are_asked_for_where_they_are_needed() -> None:
    with pytest.raises(FusionMetricsError, match="needs both source images"):
        create("qabf")(GREY)


def test_sizes_must_agree() -> None:
    with pytest.raises(FusionMetricsError, match="a is 4x4 but b is 5x4"):
        create("qabf")(GREY, GREY, np.zeros((5, 4), np.uint8))


def test_too_small_images_have_no_score() -> None:
    declare("mean", min_size=8)
    with pytest.raises(UndefinedScore, match="at least 8x8 pixels, got 4x4"):
        create("mean")(GREY)


def test_all_leaves_out_what_needs_more_than_is_installed() -> None:
    declare("mean", requires=("numpy", "no_such_module"))
    assert registry.find("mean").missing == ("no_such_module",)
    assert "mean" not in {metric.spec.name for metric in select_metrics("all")}
    assert [metric.spec.name for metric in select_metrics("mean")] == ["mean"]


def test_evaluate_keeps_the_reason_of_every_failure() -> None:
    @metric("broken", title="", family="", higher_is_better=True, bounds=(0, 1), cites="", variants=PAPER)
    def broken(fused: Image, *, value: float | None = None) -> float:
        if value is None:
            raise ZeroDivisionError("by zero")
        return value

    declare("mean")
    image = Image(GREY)
    assert evaluate(create("mean"), image).status == "ok"
    undefined = evaluate(create("mean", scale=-1.0), image)
    assert (undefined.status, undefined.value, undefined.reason) == ("undefined", None, "negative scale")
    failed = evaluate(create("broken"), image)
    assert (failed.status, failed.reason) == ("error", "ZeroDivisionError: by zero")
    assert evaluate(create("broken", value=float("nan")), image).status == "undefined"


def test_score_takes_names_lists_and_metrics() -> None:
    scores = fusion_metrics.score(GREY, GREY, GREY, "qabf,qabf:liu2012,qabf")
    assert [(score.metric, score.variant) for score in scores] == [("qabf", "paper"), ("qabf", "liu2012")]
    assert len(select_metrics(["qabf", create("qabf"), create("qabf:liu2012")])) == 2
    here = [spec.name for spec in fusion_metrics.list_metrics() if all(map(find_spec, spec.requires))]
    assert sorted(metric.spec.name for metric in select_metrics("all")) == sorted(here)
    assert len(select_metrics("all-variants")) > len(here)
    with pytest.raises(UnknownMetric, match="no metric named"):
        select_metrics(" , ")


def test_a_broken_plugin_leaves_the_others_usable(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        name, value = "theirs", "theirs.metrics"

        def load(self) -> None:
            raise ImportError("no module named theirs")

    monkeypatch.setattr(registry, "_plugins_loaded", False)
    monkeypatch.setattr(registry, "entry_points", lambda group: [Broken()])
    with pytest.warns(RuntimeWarning, match="'theirs' \\(theirs.metrics\\) left out: ImportError"):
        assert fusion_metrics.list_metrics()


@pytest.mark.parametrize(
    "code",
    [
        "import fusion_metrics",
        "from benchmark.cli import main; main(['list'])",
        "import baselines, benchmark.scoring.plan",
    ],
)
def test_imports_stay_light(code: str) -> None:
    heavy = (
        "torch",
        "pandas",
        "matplotlib",
        "sklearn",
        "nilearn",
        "numba",
        "scipy.fft",
        "scipy.ndimage",
        "scipy.stats",
    )
    script = f"import sys, atexit; atexit.register(lambda: print([m for m in {heavy} if m in sys.modules])); {code}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
