"""`fmbench doctor`: what it says of a machine on which something is wrong, and that it mends nothing by itself."""

from __future__ import annotations

import json
from importlib.metadata import EntryPoint, EntryPoints, PackageNotFoundError
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from benchmark.cli import main
from benchmark.databases import EMBEDDED
from benchmark.databases.embedded import MANIFEST, built_in
from benchmark.doctor import machine, packages, selftest
from benchmark.doctor.databases import built
from benchmark.doctor.examine import Examination, examine
from fusion_metrics import health
from fusion_metrics.health import Finding, declare_check


def doctor(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["doctor", *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def states(findings: object) -> dict[str, str]:
    return {one.about: one.state for one in findings}  # type: ignore[attr-defined]


def test_a_machine_on_which_the_tests_pass_computes_the_golden_numbers() -> None:
    [found] = list(selftest.golden_numbers())
    assert found.state == "well"
    assert found.text.startswith("5 of 5 come out")


def test_a_number_that_does_not_come_out_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(selftest.GOLDEN, "qabf", selftest.GOLDEN["qabf"] * (1 + 1e-5))
    result = doctor()
    assert result.exit_code == 1
    assert "and should be 0.57662" in result.stdout
    assert "4 of 5 come out" in result.stdout
    assert "qabf (install numpy and scipy anew" in result.stdout.strip().splitlines()[-1]


def test_json_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(selftest.GOLDEN, "en", 1.0)
    result = doctor("--json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["well"] is False
    assert told["topics"]["Self-test"][0]["about"] == "en"
    assert told["verdict"] == Examination({"x": (Finding(**told["topics"]["Self-test"][0]),)}).verdict


def test_every_topic_has_findings_and_the_last_line_is_the_verdict() -> None:
    found = examine()
    assert list(found.topics)[:3] == ["Versions", "Extras", "Plug-ins"]
    assert list(found.topics)[-2:] == ["Weights", "Self-test"]
    assert all(found.topics.values())
    assert not [one for one in found.findings if one.about == "failed"]


def test_nothing_is_built_or_made(own_cache: Path) -> None:
    before = sorted(own_cache.rglob("*"))
    examine()
    assert sorted(own_cache.rglob("*")) == before


def test_an_extra_is_read_from_the_metadata_and_says_what_it_would_enable(monkeypatch: pytest.MonkeyPatch) -> None:
    real = packages.version

    def without_torch(name: str) -> str:
        if name == "torch":
            raise PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(packages, "version", without_torch)
    found = {one.about: one for one in packages.extras()}
    assert found["learned"].state == "note"
    assert "torch (not installed)" in found["learned"].text
    assert "qcnn" in found["learned"].text
    assert found["learned"].mend == "pip install 'fmbench[learned]'"


def test_extras_of_another_package_state_are_found_without_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["numpy>=1.0", "no-such-package>=2; extra == 'study'", "fmbench[study]; extra == 'whole'", "click>=999"]

    class Metadata:
        def get_all(self, name: str) -> list[str]:
            return ["study", "whole"]

    monkeypatch.setattr(packages, "metadata", lambda name: Metadata())
    monkeypatch.setattr(packages, "requires", lambda name: lines)
    assert {one.about: one.text for one in packages.extras()} == {
        "study": "no-such-package (not installed)",
        "whole": "no-such-package (not installed)",
    }
    wrong = [one for one in packages.versions() if one.state == "wrong"]
    assert [(one.about, one.mend) for one in wrong] == [("click", "pip install 'click>=999'")]
    assert "needed is >=999" in wrong[0].text


def test_what_is_not_installed_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: str) -> list[str]:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(packages, "requires", nothing)
    monkeypatch.setattr(packages, "metadata", nothing)
    assert states(packages.versions())["fmbench"] == "wrong"
    assert list(packages.extras()) == []


def test_a_plug_in_that_does_not_load_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = EntryPoints([EntryPoint("mine", "no_such_module", packages.ENTRY_POINTS)])
    monkeypatch.setattr(packages, "entry_points", lambda group: entries)
    [found] = list(packages.plug_ins())
    assert (found.about, found.state) == ("mine", "wrong")
    assert "No module named 'no_such_module'" in found.text


def test_a_cache_that_cannot_be_written_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path / "file" / "cache"))
    found = {one.about: one for one in machine.folders()}["cache"]
    assert found.state == "wrong"
    assert "is not a folder" in found.text
    assert "FMBENCH_CACHE" in found.mend


def test_a_full_disk_is_wrong_before_anything_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "FREE", 2**80)
    assert states(machine.folders())["cache"] == "wrong"


def test_a_database_of_which_a_file_was_altered_is_wrong() -> None:
    first = next(iter(EMBEDDED.values()))
    assert states(built()) == dict.fromkeys(EMBEDDED, "well")
    folder = built_in(first)
    folder.mkdir(parents=True)
    (folder / MANIFEST).write_text('{"pairs.csv": "0"}')
    found = {one.about: one for one in built()}[first.name]
    assert found.state == "wrong"
    assert "is missing since it was built" in found.text
    assert str(folder) in found.mend


def test_weights_are_held_against_the_hash_in_their_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "resnet18-f37072fd.pth").write_bytes(b"not these")
    monkeypatch.setenv("FMBENCH_WEIGHTS", str(tmp_path))
    found = {one.about: one for one in examine().topics["Weights"]}
    assert found["resnet18"].state == "wrong"
    assert "not f37072fd" in found["resnet18"].text
    monkeypatch.setenv("FMBENCH_WEIGHTS", str(tmp_path / "nowhere"))
    assert states(examine().topics["Weights"])["FMBENCH_WEIGHTS"] == "wrong"


def test_a_check_of_a_plug_in_that_fails_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_checks", dict(health._checks))

    def failing() -> list[Finding]:
        raise RuntimeError("no\nreason")

    declare_check("Mine", failing)
    found = examine()
    assert found.topics["Mine"] == (Finding("failed", "RuntimeError: no reason", "wrong"),)
    assert found.topics["Self-test"][0].state == "well"
