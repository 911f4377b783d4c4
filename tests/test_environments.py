"""What environments are tested in, against what pyproject.toml asks for."""

from __future__ import annotations

import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.conftest import ROOT

OLDEST = ROOT / "tests" / "environments" / "oldest.txt"
#: See the head of ``oldest.txt``.
UNTESTED = {"torch"}


def asked_for() -> dict[str, Requirement]:
    """What is needed to run, and to run tests, by name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = [
        *project["dependencies"],
        *(line for extra in ("distributed", "learned", "medical", "test-core") for line in extras[extra]),
    ]
    while own := [line for line in lines if Requirement(line).name == project["name"]]:  # extras made of extras
        lines = [line for line in lines if line not in own]
        lines += [more for line in own for extra in Requirement(line).extras for more in extras[extra]]
    requirements = (Requirement(line) for line in lines)
    return {canonicalize_name(requirement.name): requirement for requirement in requirements}


def pinned() -> dict[str, Version]:
    lines = [line for line in OLDEST.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return {canonicalize_name(name): Version(version) for name, version in (line.split("==") for line in lines)}


def test_the_oldest_environment_has_the_lower_bound_of_everything() -> None:
    versions = pinned()
    for name, requirement in asked_for().items():
        if name in UNTESTED:
            continue
        [bound] = [Version(part.version) for part in requirement.specifier if part.operator == ">="]
        assert name in versions, f"{name} has no line in {OLDEST.name}"
        assert versions[name] in requirement.specifier
        assert versions[name].release[: len(bound.release)] == bound.release, requirement


def test_what_is_left_untested_is_asked_for() -> None:
    assert asked_for().keys() >= UNTESTED
    assert not UNTESTED & pinned().keys()


def test_everything_is_tested_by_the_command_that_the_readme_gives() -> None:
    command = 'pip install -e ".[test]" && pytest'
    assert f"```\n{command}\n```" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert command in (ROOT / "tests" / "environments" / "everything.sh").read_text(encoding="utf-8")
