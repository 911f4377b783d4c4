"""A whole study in a real browser: 60 items, three scripted raters, a killed server, an export that is analysed.

Run as ``python -m tests.study.long_run [FOLDER]``; it takes some minutes. What it prints are counts: votes given on the
page, votes in the export, votes lost. The raters are scripts, so the scores are simulated, and are called so.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browser import FLAGS, NAMES, watch
from tests.conftest import ROOT
from tests.databases import write_database
from tests.study.served import Served, command, enter, links, rate, served

if TYPE_CHECKING:
    from playwright.sync_api import Page

ITEMS = 60
#: Votes between two kills of the server.
KILL_EVERY = 25


def scripted(folder: Path, name: str) -> Callable[[int], str]:
    """Rate as somebody would who sees what the images are, with an opinion and some noise: keys 1 to 5 by position."""
    from benchmark.study.serving import open_study

    study, votes = open_study(folder)
    slots = votes.slots(votes.raters()[name])
    votes.close()
    rng = random.Random(name)
    liked = {kind: random.Random(kind).uniform(1.5, 4.5) for kind in sorted({i.algorithm for i in study.items})}
    among = [study.training if slot.kind == "training" else study.items for slot in slots]
    opinions = [liked[items[slot.item].algorithm] for items, slot in zip(among, slots, strict=True)]
    keys = [str(min(5, max(1, round(opinion + rng.gauss(0, 0.6))))) for opinion in opinions]
    return lambda position: keys[position]


def take_turns(
    pages: dict[str, Page], answers: dict[str, Callable[[int], str]], kill: Callable[[], None]
) -> Iterator[str]:
    """Let every rater vote in turn until all are done; now and then the server dies while a rater is at work."""
    given, left = 0, set(pages)
    while left:
        for name in sorted(left):
            if rate(pages[name], answers[name], 1) == 0:
                left.discard(name)
                continue
            given += 1
            if given % KILL_EVERY == 0:
                kill()
            yield name


def stored(folder: Path) -> int:
    with sqlite3.connect(folder / "votes.sqlite") as file:
        return int(file.execute("SELECT count(*) FROM votes").fetchone()[0])


def main(work: Path) -> None:
    """Do all of it, and print the counts."""
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, NAMES)))
    folder, database = work / "study", work / "rated"
    images = write_database(work / "fused", pairs=ITEMS // 10, steps=10, scores="none", size=160)
    made = command(
        *("create", images, "--design", "rating", "--raters", "3", "--repeat", "5%"),
        *("--simulated", "--out", folder),
    )
    tokens = links(made.stdout)
    kills = 0
    with served(folder) as first, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        current: list[Served] = [first]
        pages, faults = {}, {}
        for name, token in tokens.items():
            pages[name] = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
            faults[name] = watch(pages[name])
            enter(pages[name], first.url, token)

        def kill() -> None:
            nonlocal kills
            current[0].kill()
            current[0] = Served(folder, first.port)
            kills += 1

        answers = {name: scripted(folder, name) for name in tokens}
        given = sum(1 for _ in take_turns(pages, answers, kill))
        browser.close()
        current[0].kill()
    away = [line for lines in faults.values() for line in lines if "ERR_CONNECTION" not in line]
    kept = stored(folder)
    print(f"raters: {len(tokens)}, kills: {kills}")
    print(f"votes given: {given}, votes stored: {kept}, votes lost: {given - kept}")
    print(f"faults on the pages: {away or 'none'}")
    print(command("status", folder).stdout)
    print(command("export", folder, database).stdout)
    run = [sys.executable, "-m", "benchmark", "run", str(database), "--metrics", "ssim,qabf,psnr,en", "--no-figures"]
    print(subprocess.run([*run, "--out", str(work / "results")], capture_output=True, text=True, cwd=ROOT).stdout)
    assert given == kept
    assert not away


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]).resolve())
    else:
        with tempfile.TemporaryDirectory() as scratch:
            main(Path(scratch))
