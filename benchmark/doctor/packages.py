"""Which versions are installed, which extras are not, and which plug-ins load: read from the metadata of packages."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, entry_points, metadata, packages_distributions, requires, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import fusion_metrics
from benchmark.numbers import counted, listed
from fusion_metrics import MetricSpec, list_metrics
from fusion_metrics.health import Finding
from fusion_metrics.registry import ENTRY_POINTS

PACKAGE = "fmbench"


def versions() -> Iterator[Finding]:
    """Say which Python and which packages are at work, and which are missing or of a version that is refused."""
    yield Finding("Python", f"{platform.python_version()}, {sys.executable}, {platform.platform()}")
    home = Path(fusion_metrics.__file__).parents[1]
    try:
        needed = _requirements()
    except PackageNotFoundError:
        mend = f"pip install {home}"
        yield Finding(PACKAGE, f"runs from {home} without being installed: plug-ins are not found", "wrong", mend)
        return
    stated = version(PACKAGE)
    yield Finding(PACKAGE, f"{fusion_metrics.__version__}, {home}")
    if stated != fusion_metrics.__version__:
        text = f"is installed as version {stated}, but {fusion_metrics.__version__} is what runs"
        yield Finding("installed", text, "note", f"pip install {home}")
    there = []
    for one in needed:
        problem = _problem(one)
        if problem:
            yield Finding(one.name, problem, "wrong", f"pip install '{one}'")
        else:
            there.append(f"{one.name} {version(one.name)}")
    yield Finding("packages", ", ".join(there))


def extras() -> Iterator[Finding]:
    """Say which extras are complete, and of each other one what is missing and what it would enable."""
    try:
        names = metadata(PACKAGE).get_all("Provides-Extra") or []
    except PackageNotFoundError:
        return
    specs = list_metrics(variants=True)
    for name in names:
        needed = _requirements(name)
        missing = [one for one in needed if _problem(one)]
        if not missing:
            brings = ", ".join(f"{one.name} {version(one.name)}" for one in needed)
            yield Finding(name, brings)
            continue
        lacking = listed([f"{one.name} ({_problem(one)})" for one in missing])
        enabled = _enabled([one.name for one in missing], specs)
        text = f"{lacking}{f'; it would enable {enabled}' if enabled else ''}"
        yield Finding(name, text, "note", f"pip install '{PACKAGE}[{name}]'")


def plug_ins() -> Iterator[Finding]:
    """Say which packages bring metrics, and why one of them cannot be loaded."""
    found = entry_points(group=ENTRY_POINTS)
    for entry in found:
        origin = f"{entry.dist.name} {entry.dist.version}" if entry.dist else "unknown package"
        try:
            entry.load()
        except Exception as error:  # noqa: BLE001 - a plug-in may be anybody's code; why it fails is the finding
            cause = " ".join(f"{type(error).__name__}: {error}".split())[:200]
            mend = f"mend or uninstall {entry.dist.name if entry.dist else entry.value}"
            yield Finding(entry.name, f"{origin}: does not load ({cause})", "wrong", mend)
            continue
        module = entry.value.partition(":")[0].partition(".")[0]
        specs = [spec for spec in list_metrics() if spec.function.__module__.partition(".")[0] == module]
        yield Finding(entry.name, f"{origin}: {counted(len(specs), 'metric')}")
    if not list(found):
        text = f"no package brings metrics (entry-point group {ENTRY_POINTS})"
        yield Finding("none", text, "wrong", f"pip install {Path(fusion_metrics.__file__).parents[1]}")


def _requirements(extra: str = "") -> list[Requirement]:
    """List what the package, or one extra of it, needs on this machine; extras made of extras are taken apart."""
    found: dict[str, Requirement] = {}
    pending, seen = [extra], set[str]()
    while pending:
        current = pending.pop()
        seen.add(current)
        for one in map(Requirement, requires(PACKAGE) or []):
            of_extra = one.marker is not None and not one.marker.evaluate({"extra": ""})
            wanted = one.marker is None or one.marker.evaluate({"extra": current})
            if not wanted or of_extra != bool(current):
                continue
            if canonicalize_name(one.name) == PACKAGE:
                pending += sorted(one.extras - seen)
                continue
            one.marker = None
            found.setdefault(canonicalize_name(one.name), one)
    return list(found.values())


def _problem(needed: Requirement) -> str:
    """Say why a requirement is not met; empty if it is."""
    try:
        there = version(needed.name)
    except PackageNotFoundError:
        return "not installed"
    if not needed.specifier.contains(there, prereleases=True):
        return f"{there} is installed, needed is {needed.specifier}"
    return ""


def _enabled(missing: list[str], specs: list[MetricSpec]) -> str:
    """Name the metrics that need what is missing."""
    brings = {module: {canonicalize_name(name) for name in names} for module, names in packages_distributions().items()}
    lacking = {canonicalize_name(name) for name in missing}

    def is_lacking(module: str) -> bool:
        return bool({canonicalize_name(module), *brings.get(module, ())} & lacking)

    return listed(list(dict.fromkeys(spec.name for spec in specs if any(map(is_lacking, spec.requires)))))
