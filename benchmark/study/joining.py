"""Links made anew, and raters who join later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from benchmark.errors import BenchmarkError
from benchmark.study.orders import order_of
from benchmark.study.raters import new_secret
from benchmark.study.serving import open_study


def renew_links(folder: Path, raters: str) -> Mapping[str, str]:
    """Give raters new tokens.

    Parameters
    ----------
    folder : Path
    raters : str
        Pseudonyms, separated by commas; empty for all.

    Raises
    ------
    BenchmarkError
        Nobody of that name takes part.
    """
    _, votes = open_study(folder)
    with closing(votes):
        known = votes.raters()
        chosen = [name.strip() for name in raters.split(",") if name.strip()] or list(known)
        if unknown := [name for name in chosen if name not in known]:
            raise BenchmarkError(f"{folder}: has no rater {unknown[0]!r}; there are {', '.join(known)}")
        tokens = {name: new_secret() for name in chosen}
        for name, token in tokens.items():
            votes.renew(name, token)
    return tokens


def add_raters(folder: Path, names: Sequence[str]) -> Mapping[str, str]:
    """Let more raters take part.

    Raises
    ------
    BenchmarkError
        Somebody of that name takes part already.
    """
    study, votes = open_study(folder)
    with closing(votes):
        known = votes.raters()
        if twice := [name for name in names if name in known]:
            raise BenchmarkError(f"{folder}: {twice[0]} takes part already; without --add the link is made anew")
        tokens = {name: new_secret() for name in names}
        for number, (name, token) in enumerate(tokens.items(), start=len(known)):
            votes.add(name, token, order_of(study, number, len(known)) if study.design == "rating" else ())
    return tokens
