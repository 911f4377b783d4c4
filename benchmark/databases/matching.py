"""Which source images and fused images belong together, told by their file names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from benchmark.errors import BenchmarkError
from fusion_metrics.volumes.opening import volume_stem

#: What may be asked for.
FORMS = "stem, suffix:_fused, suffix:_ir,_vi,_fused, prefix:ir_,vi_,fused_, 'regex:(?P<pair>\\d+)', order"
#: The roles that files can have, in the order in which affixes are given.
ROLES = ("a", "b", "fused")
#: Characters at which a name may be divided.
_SEPARATORS = "_-. "
_SHOWN = 3

Names = Mapping[str, Path]


@dataclass(frozen=True)
class Match:
    r"""A rule that says which files belong together.

    Attributes
    ----------
    kind : {"stem", "suffix", "prefix", "regex", "order"}
    affixes : (str, str, str)
        What the stems of A, B and the fused images end or begin with; files without it take no part.
    pattern : str
        A regular expression that is searched for in stems. Its group ``pair`` names the pair, a group ``algorithm``
        the fusion algorithm.

    Examples
    --------
    >>> Match.parse("suffix:_fused").name_of("007_fused", "fused")
    '007'
    >>> Match.parse(r"regex:(?P<pair>\d+)").name_of("x12", "a")
    '12'
    """

    kind: str = "stem"
    affixes: tuple[str, str, str] = ("", "", "")
    pattern: str = ""

    @classmethod
    def parse(cls, text: str) -> Match:
        """Understand what was written on the command line.

        ``suffix:FUSED``, ``suffix:A,B`` and ``suffix:A,B,FUSED`` give one, two or three endings, and ``prefix:``
        likewise.

        Raises
        ------
        BenchmarkError
            Saying what is not understood.
        """
        kind, colon, rest = text.strip().partition(":")
        if kind in ("stem", "order") and not colon:
            return cls(kind)
        if kind in ("suffix", "prefix") and rest:
            given = tuple(part.strip() for part in rest.split(","))
            if len(given) > 3:
                raise BenchmarkError(f"match: {text!r} gives more than three, for A, B and the fused images")
            a, b, fused = ("", "", *given) if len(given) == 1 else (*given, "")[:3]
            return cls(kind, affixes=(a, b, fused))
        if kind == "regex" and rest:
            try:
                compiled = re.compile(rest)
            except re.error as error:
                raise BenchmarkError(f"match: {rest!r} is not a regular expression ({error})") from None
            if "pair" not in compiled.groupindex:
                raise BenchmarkError(f"match: {rest!r} has no group (?P<pair>...), which names the pair")
            return cls(kind, pattern=rest)
        raise BenchmarkError(f"match: {text!r} is not understood; known: {FORMS}")

    def __str__(self) -> str:
        if self.kind == "regex":
            return f"regex:{self.pattern}"
        if self.kind in ("suffix", "prefix"):
            a, b, fused = self.affixes
            given = (a, b, fused) if (a or b) and fused else (a, b) if a or b else (fused,)
            return f"{self.kind}:{','.join(given)}"
        return self.kind

    @property
    def names_algorithms(self) -> bool:
        """Whether file names say which algorithm made them."""
        return self.kind == "regex" and "algorithm" in re.compile(self.pattern).groupindex

    def name_of(self, stem: str, role: str) -> str | None:
        """Return the name of the pair to which a file belongs; None if it takes no part."""
        affix = self.affixes[ROLES.index(role)]
        if self.kind == "regex":
            found = re.search(self.pattern, stem)
            return found["pair"] or None if found else None
        if self.kind == "suffix":
            return stem.removesuffix(affix) or None if stem.endswith(affix) else None
        if self.kind == "prefix":
            return stem.removeprefix(affix) or None if stem.startswith(affix) else None
        return stem

    def algorithm_of(self, stem: str) -> str:
        """Return the algorithm that a file name tells; empty if it tells none."""
        found = re.search(self.pattern, stem) if self.names_algorithms else None
        return (found["algorithm"] or "") if found else ""

    def named(self, files: Iterable[Path], role: str) -> dict[str, Path]:
        """Give files the names of their pairs.

        Raises
        ------
        BenchmarkError
            Two files of one name.
        """
        found: dict[str, Path] = {}
        ordered = sorted(files, key=_natural) if self.kind == "order" else sorted(files)
        for number, path in enumerate(ordered, start=1):
            name = str(number) if self.kind == "order" else self.name_of(volume_stem(path), role)
            if name is None:
                continue
            if name in found:
                same = "has the same stem" if self.kind == "stem" else f"belongs to {name!r} too, by --match {self}"
                raise BenchmarkError(f"{path}: {found[name].name} {same}")
            found[name] = path
        return found


def common_names(a: Names, b: Names) -> list[str]:
    """Return the pairs that both sources have, in the order of A."""
    return [name for name in a if name in b]


def explain(match: Match, stems: Mapping[str, Sequence[str]]) -> str:
    """Say which stems there are where nothing fits, and which rule would match them.

    Parameters
    ----------
    match : Match
        The rule under which nothing fits.
    stems : mapping of str to sequence of str
        The stems of each role's files.
    """
    shown = "; ".join(f"{role}: {_few(list(names))}" for role, names in stems.items())
    better = suggest(stems)
    how = f": decide it by --match '{better}'" if better else f": decide it by --match, one of {FORMS}"
    by = "no file stem in common" if match.kind == "stem" else f"nothing in common by --match {match}"
    return f"{by} ({shown}){how}"


def suggest(stems: Mapping[str, Sequence[str]]) -> Match | None:
    """Find a rule under which files of all roles have names in common; None if none is found.

    Examples
    --------
    >>> str(suggest({"a": ["p_ir", "q_ir"], "b": ["p_vi", "q_vi"], "fused": ["p_fused", "q_fused"]}))
    'suffix:_ir,_vi,_fused'
    >>> str(suggest({"a": ["001"], "b": ["001"], "fused": ["001_fused"]}))
    'suffix:_fused'
    """
    roles = list(stems)
    wanted = min(len(names) for names in stems.values())
    best: tuple[int, int, Match] | None = None
    for kind in ("suffix", "prefix"):
        for chosen in product(*(_affixes(kind, stems[role]) for role in roles)):
            affixes = dict(zip(roles, chosen, strict=True))
            match = Match(kind, (affixes.get("a", ""), affixes.get("b", ""), affixes.get("fused", "")))
            names = [{match.name_of(stem, role) for stem in stems[role]} - {None} for role in roles]
            count = len(set.intersection(*names))
            length = sum(map(len, chosen))
            if count and (best is None or (count, -length) > best[:2]):
                best = count, -length, match
    if best and best[0] * 2 > wanted:
        return best[2]
    numbers = [[re.findall(r"\d+", stem) for stem in names] for names in stems.values()]
    if all(len(found) == 1 for names in numbers for found in names):
        sets = [{found[0] for found in names} for names in numbers]
        if set.intersection(*sets) and all(len(one) == len(names) for one, names in zip(sets, numbers, strict=True)):
            return Match("regex", pattern=r"(?P<pair>\d+)")
    return Match("order") if len({len(names) for names in stems.values()}) == 1 else None


def suggest_within(stems: Sequence[str]) -> Match | None:
    """Find the endings of two sources that lie in one folder; None if there are not two.

    Examples
    --------
    >>> str(suggest_within(["x-ir", "x-vis", "y-ir", "y-vis", "z-vis"]))
    'suffix:-ir,-vis'
    """
    bases: dict[str, set[str]] = {}
    for stem in stems:
        place = max(stem.rfind(separator) for separator in _SEPARATORS)
        if place > 0:
            bases.setdefault(stem[place:], set()).add(stem[:place])
    common = sorted(bases, key=lambda ending: (-len(bases[ending]), ending))[:2]
    if len(common) < 2 or not bases[common[0]] & bases[common[1]]:
        return None
    first, second = sorted(common)
    return Match("suffix", (first, second, ""))


def _affixes(kind: str, stems: Sequence[str]) -> list[str]:
    """Return the endings or beginnings that all stems share, the shortest first; the empty one is among them."""
    sample = min(stems, key=len)
    if kind == "suffix":
        found = [sample[i:] for i in range(len(sample) - 1, 0, -1) if sample[i] in _SEPARATORS]
        found += [letters.group()] if (letters := re.search(r"(?<=\d)[A-Za-z]+$", sample)) else []
        return ["", *(each for each in found if all(stem.endswith(each) for stem in stems))]
    found = [sample[: i + 1] for i in range(len(sample) - 1) if sample[i] in _SEPARATORS]
    found += [letters.group()] if (letters := re.match(r"[A-Za-z]+(?=\d)", sample)) else []
    return ["", *(each for each in found if all(stem.startswith(each) for stem in stems))]


def _natural(path: Path) -> tuple[list[tuple[int, int, str]], str]:
    """Order names as people count: 2 before 10."""
    parts = re.findall(r"\d+|\D+", volume_stem(path))
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts], path.name


def _few(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
