"""Kill a run in the middle of scoring, start it again, and compare with a run that nobody disturbed.

``python -m tests.hostile.kills`` waits in each run until a random number of scores is stored, sends the signal a random
moment later, and prints how many scores were stored then. At the end it says how many stored rows were lost, how many
were computed again although they were stored, and whether every file of the results is the same byte for byte but for
the seconds in ``scores.csv``.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.hostile.runs import METRICS, Rows, contents, count, kill, make_database, run, start, stored, wait_for

#: Kills of one run before it is left to finish.
IN_A_ROW = 5
#: No more seconds than this between the number of scores that is waited for and the signal.
LATER = 0.5


@dataclass
class Tally:
    """What was seen over all kills."""

    scores: int
    codes: Counter[int] = field(default_factory=Counter)
    in_scoring: int = 0
    lost: int = 0
    again: int = 0
    same: list[bool] = field(default_factory=list)

    def compare(self, before: Rows, now: Rows) -> None:
        """Count what was stored and is not, and what was stored and is another row: its seconds differ."""
        self.lost += len(before.keys() - now.keys())
        self.again += sum(now[key] != row for key, row in before.items() if key in now)

    @property
    def is_good(self) -> bool:
        """Whether nothing was lost or computed twice, and all results are those of the undisturbed run."""
        return self.lost == self.again == 0 and all(self.same)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--signal", choices=["KILL", "TERM", "INT"], default="KILL")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pairs", type=int, default=12)
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    moments = random.Random(asked.seed)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        database = make_database(work, asked.pairs)
        command = ["run", database, "--metrics", METRICS, "--jobs", asked.jobs, "--no-figures", "--out"]
        begun = time.monotonic()
        code, said = run([*command, work / "undisturbed"], work / "cache-undisturbed")
        if code != 0:
            print(said)
            return 1
        tally = Tally(count(work / "cache-undisturbed"))
        print(f"undisturbed: {time.monotonic() - begun:.1f} s, {tally.scores} scores stored, {asked.jobs} jobs")
        for left in range(asked.kills, 0, -IN_A_ROW):
            killed_often(command, work, min(left, IN_A_ROW), asked.signal, moments, tally)
        print(f"{asked.signal}: {asked.kills} times, of them {tally.in_scoring} in the middle of scoring")
        print("exit codes: " + ", ".join(f"{code} {times} times" for code, times in sorted(tally.codes.items())))
        print(f"rows lost {tally.lost}; stored rows computed again {tally.again}")
        print(f"results identical {'yes' if all(tally.same) else 'no'} ({len(tally.same)} runs)")
        return 0 if tally.is_good else 1


def killed_often(
    command: list[object], work: Path, kills: int, name: str, moments: random.Random, tally: Tally
) -> None:
    """Kill one run several times, each time further on, and let it finish."""
    place = len(tally.same)
    cache, out, log = work / f"cache-{place}", work / f"killed-{place}", work / f"log-{place}"
    before: Rows = {}
    for attempt in range(kills):
        process = start([*command, out], cache, log=log)
        had = count(cache)
        wait_for(had + int(moments.uniform(0, (tally.scores - had) / (kills - attempt))), cache, process)
        time.sleep(moments.uniform(0, LATER))
        code = kill(process, getattr(signal, f"SIG{name}"))
        now, scores = stored(cache), count(cache)
        tally.codes[code] += 1
        tally.in_scoring += 0 < scores < tally.scores
        tally.compare(before, now)
        print(f"  {name}: {scores} of {tally.scores} scores stored, exit code {code}")
        before = now
    code, said = run([*command, out], cache)
    tally.compare(before, stored(cache))
    said += log.read_text()
    noise = sorted({line for line in said.splitlines() if is_noise(line)})
    ours, theirs = contents(out), contents(work / "undisturbed")
    differ = sorted(file for file in ours.keys() | theirs.keys() if ours.get(file) != theirs.get(file))
    scratch = [path.name for path in out.rglob(".*")]
    tally.same.append(code == 0 and not (noise or differ or scratch))
    print(f"  left to finish: exit code {code}, identical {'no' if differ else 'yes'}")
    for what, words in (("differ", differ), ("noise", noise), ("scratch files left", scratch)):
        if words:
            print(f"  {what}: {'; '.join(words)}")


def is_noise(line: str) -> bool:
    """Whether a line is for programmers: of a traceback, a warning, or of the library that keeps the workers."""
    return any(word in line for word in ("Traceback", "Warning:", "Exception ignored", "loky", "joblib", "resource_"))


if __name__ == "__main__":
    sys.exit(main())
