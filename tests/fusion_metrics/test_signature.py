"""A signature is one line; read again, it gives a metric that scores the same, or says why it cannot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

import fusion_metrics
from fusion_metrics import FusionMetricsError, Image, Metric, create, list_metrics, load, score
from fusion_metrics.features.edge_preservation import XYDEAS2000, Sigmoid
from fusion_metrics.features.windows import Window
from fusion_metrics.parameters import changes_of, with_changes
from fusion_metrics.signature import (
    FITTED,
    Signature,
    common_signature,
    common_signatures,
    parse_signature,
    signature_of,
    with_decisions,
)
from fusion_metrics.spec import MetricSpec

END = f"fmbench={fusion_metrics.__version__}"


class Kernel(NamedTuple):
    """A parameter with fields."""

    size: int
    sigma: float | None = None
    border: str = "zero"


@dataclass(frozen=True)
class Model:
    """A parameter with fields, one of which has fields."""

    kernel: Kernel | Sigmoid
    exponent: float = 2.0
    kind: str = "ratio"


def formula(
    fused: Image,
    *,
    q: float | None = None,
    name: str = "none",
    weights: Any = (1.0, 2.0),
    model: Model | Kernel | None = None,
) -> float:
    """Stand for a metric."""
    return 0.0


OWN = {"q": 1.0, "name": "none", "weights": (1.0, 2.0), "model": Model(Kernel(7))}
SPEC = replace(create("sd").spec, name="mine", variant="paper", params=OWN, function=formula)

numbers = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False)
plain = numbers | st.text()
tuples = st.recursive(plain, lambda inner: st.lists(inner, max_size=4).map(tuple), max_leaves=8)
kernels = st.builds(Kernel, st.integers(1, 99), st.none() | st.floats(allow_nan=False), st.text())
sigmoids = st.builds(Sigmoid, *[st.floats(allow_nan=False)] * 3)
models = st.builds(Model, kernels | sigmoids, st.floats(allow_nan=False), st.text())
parameters = st.fixed_dictionaries(
    {}, optional={"q": numbers, "name": plain, "weights": tuples, "model": kernels | models | st.none()}
)
words = st.text(st.characters(exclude_characters="|=:@", exclude_categories=("Z", "C")), min_size=1)
texts = st.text(min_size=1)


@given(parameters)
def test_any_parameters_are_read_as_they_were_written(changed: dict[str, Any]) -> None:
    written = str(signature_of(SPEC, {**OWN, **changed}))
    read = with_changes(SPEC, parse_signature(written).parameters)
    assert read == {**OWN, **changed}
    assert repr(read) == repr({**OWN, **changed})  # 1 is not 1.0, and not True
    assert written.isprintable()
    assert written.isascii()


@given(
    metric=words,
    variant=words,
    version=st.integers(0, 10**9 - 1),
    fitted=st.dictionaries(st.sampled_from(FITTED), texts),
    reading=st.lists(texts).map(tuple),
    packages=st.dictionaries(words.filter(lambda name: name != "fmbench"), words),
)
def test_any_signature_is_read_as_it_was_written(
    metric: str, variant: str, version: int, fitted: dict[str, str], reading: tuple[str, ...], packages: dict[str, str]
) -> None:
    signature = Signature(
        metric, variant, version, {"q": "0.5"}, "grey=opencv", fitted, reading, {"fmbench": "0.1.0", **packages}
    )
    assert parse_signature(str(signature)) == signature
    assert "\n" not in str(signature)


@pytest.mark.parametrize("spec", list_metrics(variants=True), ids=lambda spec: spec.id)
def test_every_variant_is_made_again_from_its_signature(spec: MetricSpec) -> None:
    metric = Metric(spec)
    again = Metric.from_signature(metric.signature)
    assert again.spec == replace(spec, params=metric.written)
    assert again.parameters == metric.parameters
    assert metric.signature.startswith(f"{spec.name}:{spec.variant}|v{spec.version}|")
    assert metric.signature.endswith(END)


def test_only_what_differs_from_the_variant_is_written() -> None:
    model = XYDEAS2000._replace(strength=XYDEAS2000.strength._replace(slope=-12.0), border="mirror")
    assert create("qabf", model=XYDEAS2000).signature == f"qabf:paper|v1|grey=rgb2gray|{END}"
    assert (
        create("qabf", model=model).signature
        == f"qabf:paper|v1|model.strength.slope=-12.0|model.border=mirror|grey=rgb2gray|{END}"
    )
    assert create("mi:vifb").signature == f"mi:vifb|v1|channels=each|{END}"
    assert create("sd:cddfuse").signature == f"sd:cddfuse|v1|grey=opencv-float|{END}"


def test_a_changed_copy_of_a_variant_is_signed_as_changed() -> None:
    changed = replace(create("te:nava").spec, params={**create("te:nava").params, "q": 0.5}, grey="pillow")
    signature = Metric(changed).signature
    assert signature == f"te:nava|v1|q=0.5|grey=pillow|{END}"
    assert Metric.from_signature(signature).spec == changed


def test_the_same_score_comes_from_the_signature() -> None:
    rng = np.random.default_rng(4)
    a, b, fused = (rng.integers(0, 256, (48, 48, 3), dtype=np.uint8) for _ in range(3))
    changed = create("yang", window=Window(9, 2.0))
    for metric in (changed, create("ssim:cddfuse"), create("sf:vifb"), create("te", q=0.5)):
        assert Metric.from_signature(metric.signature)(fused, a, b) == metric(fused, a, b)
    assert changed(fused, a, b) != create("yang")(fused, a, b)


def test_a_network_says_all_its_parameters_because_its_defaults_are_those_of_a_machine() -> None:
    found = parse_signature(create("qcnn").signature)
    assert set(found.parameters) == {"backbone", "weights"}
    assert found.colours == "channels=colours"


def test_a_value_that_cannot_be_written_is_no_secret() -> None:
    signature = str(signature_of(SPEC, {**OWN, "weights": np.ones(3)}))
    assert "|weights=?|" in signature
    with pytest.raises(FusionMetricsError, match="weights was changed, but not to what"):
        with_changes(SPEC, parse_signature(signature).parameters)


def test_numpy_numbers_are_numbers() -> None:
    assert changes_of({"q": 0.5, "n": 3}, {"q": np.float64(0.5), "n": np.int64(4)}) == {"n": "4"}


def test_another_version_is_named() -> None:
    with pytest.raises(FusionMetricsError) as error:
        Metric.from_signature("qabf:paper|v7|grey=rgb2gray|fmbench=9.9")
    assert str(error.value) == (
        f"qabf: the signature is of version 7 (fmbench 9.9), but this is version 1 "
        f"(fmbench {fusion_metrics.__version__}), whose values are others"
    )
    # A later package with the same version of the metric has the same values.
    assert Metric.from_signature("qabf:paper|v1|grey=rgb2gray|fmbench=9.9").spec == create("qabf").spec


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "does not begin with METRIC:VARIANT"),
        ("qabf|v1|grey=rgb2gray|fmbench=0.1.0", "does not begin with METRIC:VARIANT"),
        ("qabf:paper@|v1|grey=rgb2gray|fmbench=0.1.0", "does not begin with METRIC:VARIANT"),
        ("qabf:paper", "no version such as v1"),
        ("qabf:paper|1|grey=rgb2gray|fmbench=0.1.0", "no version such as v1"),
        ("qabf:paper|v1|grey|fmbench=0.1.0", "every field is NAME=VALUE"),
        ("qabf:paper|v1|grey=rgb2gray", "does not end with fmbench="),
        ("qabf:paper|v1|q=1|fmbench=0.1.0", "what becomes of colours"),
        ("qabf:paper|v1|grey=rgb2gray|q=1|fmbench=0.1.0", "q stands behind the colours"),
        ("te:nava|v1|q=1|q=2|grey=rgb2gray|fmbench=0.1.0", "a field is there twice"),
        ("qabf:paper|v1|grey=\x1b[31m|fmbench=0.1.0", r"colours cannot be made 'grey=\\x1b"),
        ("qabf:paper|v1|channels=two|fmbench=0.1.0", "colours cannot be made 'channels=two'"),
        ("qabx:paper|v1|grey=rgb2gray|fmbench=0.1.0", "did you mean 'qabf'"),
        ("qabf:papre|v1|grey=rgb2gray|fmbench=0.1.0", "unknown variant of qabf 'papre'"),
        ("te:nava|v1|p=1|grey=rgb2gray|fmbench=0.1.0", "unknown parameter of te 'p'"),
        ("te:nava|v1|q.x=1|grey=rgb2gray|fmbench=0.1.0", "unknown part of q of te 'x'"),
        ("te:nava|v1|q={}|grey=rgb2gray|fmbench=0.1.0", "'{}' is no value for q"),
        ("te:nava|v1|q=[1,|grey=rgb2gray|fmbench=0.1.0", "is no value for q"),
        (f"te:nava|v1|q={'[' * 99999}|grey=rgb2gray|fmbench=0.1.0", "is no value for q"),
        (f"te:nava|v1|q={'9' * 9999}|grey=rgb2gray|fmbench=0.1.0", "is no value for q"),
        ("te:nava|v1|q=Popen()|grey=rgb2gray|fmbench=0.1.0", "unknown kind of value for q of te 'Popen'"),
        ("qabf:paper|v1|model.slope=1|grey=rgb2gray|fmbench=0.1.0", "unknown part of model of qabf 'slope'"),
        ("qabf:paper|v1|model=Sigmoid()|model.gain=1|grey=rgb2gray|fmbench=0.1.0", "model cannot be made"),
    ],
)
def test_what_is_no_signature_is_refused_on_one_line(text: str, message: str) -> None:
    with pytest.raises(FusionMetricsError, match=message) as error:
        Metric.from_signature(text)
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 600


def test_a_fitted_metric_is_known_by_what_it_learnt(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    images = [rng.integers(0, 256, (32, 32), dtype=np.uint8) for _ in range(6)]
    scores = np.linspace(0, 1, 6)
    fitted = create("bmpri").fit(images, scores, ["p"] * 6)
    other = create("bmpri").fit(images, scores[::-1].copy(), ["p"] * 6)
    fitted.save(tmp_path / "bmpri.safetensors")
    signature = fitted.signature
    assert load(tmp_path / "bmpri.safetensors").signature == signature
    assert set(parse_signature(signature).fitted) == {"state"}
    assert other.signature != signature
    assert create("bmpri").signature == f"bmpri:paper|v1|channels=own|{END}"
    assert Metric.from_signature(signature).signature == create("bmpri").signature  # to be fitted yet


def test_how_files_were_read_is_signed_where_it_counts(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    pixels = rng.integers(0, 256, (24, 24), dtype=np.uint8)
    turned = Pillow.fromarray(pixels)
    exif = turned.getexif()
    exif[0x0112] = 6
    turned.save(tmp_path / "turned.png", exif=exif)
    a, b = (rng.integers(0, 256, (24, 24), dtype=np.uint8) for _ in range(2))
    reading = "reading=EXIF orientation 6 applied"
    sd, cc = score(pixels, tmp_path / "turned.png", b, "sd,cc")
    assert cc.signature == f"cc:paper|v1|grey=rgb2gray|{reading}|{END}"
    assert sd.signature == f"sd:paper|v1|grey=rgb2gray|{END}"  # it does not look at the sources
    [sd] = score(tmp_path / "turned.png", a, b, "sd")
    assert sd.signature == f"sd:paper|v1|grey=rgb2gray|{reading}|{END}"


def test_an_alias_is_signed_by_its_own_name() -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (24, 24), dtype=np.uint8)
    found = score(pixels, pixels, pixels, "mse:tang,mse:tang-2022")
    assert [each.signature.partition("|")[0] for each in found] == ["mse:tang", "mse:tang-2022"]
    assert found[0].value == found[1].value


def test_scores_of_one_metric_have_one_line_with_all_decisions() -> None:
    plain = create("sd").signature
    turned = with_decisions(plain, ("EXIF orientation 6 applied",))
    both = with_decisions(plain, ("EXIF orientation 6 applied", "EXIF orientation 3 applied"))
    assert common_signature([plain, "", plain]) == plain
    assert common_signature([plain, turned]) == turned
    assert common_signature([turned, both, plain]) == both
    assert common_signature([]) == ""
    assert common_signatures([plain, create("cc").signature, turned]) == [turned, create("cc").signature]
    with pytest.raises(FusionMetricsError, match="signed differently"):
        common_signature([plain, create("cc").signature])


def test_repeats_of_a_fit_have_one_line_with_all_seeds() -> None:
    base = parse_signature(create("bmpri").signature)
    signed = [str(replace(base, fitted={"on": "mine", "seed": seed})) for seed in ("0", "1")]
    assert "|on=mine|seed=0,1|" in common_signature(signed)


def test_a_metric_of_another_package_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formula, "__module__", "numpy.somewhere")
    assert str(signature_of(SPEC)).endswith(f"|{END}|numpy={np.__version__}")
    monkeypatch.setattr(formula, "__module__", "no_such_module")
    signature = str(signature_of(SPEC))
    assert signature.endswith(f"|{END}|no_such_module=unknown")
    assert parse_signature(signature).packages["no_such_module"] == "unknown"
