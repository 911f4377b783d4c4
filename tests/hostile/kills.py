"""Kill a run at random moments, start it again, and compare with a run that nobody disturbed.

``python -m tests.hostile.kills`` prints how many stored rows were lost, how many were computed again although they
were stored, and whether every file of the results is the same byte for byte but for the seconds in ``scores.csv``.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.hostile.runs import METRICS, contents, kill, make_database, run, start, stored

#: Kills of one run before it is left to finish.
IN_A_ROW = 5


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--signal", choices=["KILL", "TERM", "INT"], default="KILL")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pairs", type=int, default=4)
    asked = parser.parse_args()
    number = int(getattr(signal, f"SIG{asked.signal}"))
    moments = random.Random(asked.seed)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        database = make_database(work, asked.pairs)
        command = ["run", database, "--metrics", METRICS, "--jobs", 2, "--out"]
        begun = time.monotonic()
        code, said = run([*command, work / "undisturbed"], work / "cache-undisturbed")
        takes = time.monotonic() - begun
        if code != 0:
            print(said)
            return 1
        begun = time.monotonic()
        run([*command, work / "undisturbed"], work / "cache-undisturbed")
        warm = time.monotonic() - begun
        print(f"undisturbed: {takes:.1f} s, again {warm:.1f} s, {len(stored(work / 'cache-undisturbed'))} rows stored")
        lost = again = hit = 0
        same = []
        codes: dict[int, int] = {}
        for left in range(asked.kills, 0, -IN_A_ROW):
            cache, out, log = work / f"cache-{left}", work / f"killed-{left}", work / f"log-{left}"
            before = stored(cache)
            for attempt in range(min(left, IN_A_ROW)):
                process = start([*command, out], cache, log=log)
                time.sleep(moments.uniform(0.1, warm if attempt else takes))
                hit += process.poll() is None
                code = kill(process, number)
                codes[code] = codes.get(code, 0) + 1
                now = stored(cache)
                lost += len(set(before) - set(now))
                again += sum(now[key] != row for key, row in before.items() if key in now)
                print(f"  {asked.signal} after {len(before)} rows: {len(now)} stored, exit code {code}")
                before = now
            code, said = run([*command, out], cache)
            now = stored(cache)
            lost += len(set(before) - set(now))
            again += sum(now[key] != row for key, row in before.items() if key in now)
            text = log.read_text()
            bad = [word for word in ("Traceback", "Warning:") if word in said + text]
            ours, theirs = contents(out), contents(work / "undisturbed")
            differ = sorted(file for file in ours.keys() | theirs.keys() if ours.get(file) != theirs.get(file))
            same.append(code == 0 and not bad and not differ)
            if differ:
                print(f"  differ: {', '.join(differ)}")
            if bad:
                print(text)
            scratch = [path.name for path in out.rglob(".*")]
            print(f"  left to finish: exit code {code}, identical {same[-1]}, scratch files left {len(scratch)}")
        print(f"signals {asked.kills}, of them while the run was at work {hit}; exit codes {codes}")
        print(f"rows lost {lost}; stored rows computed again {again}; results identical {'yes' if all(same) else 'no'}")
        return 0 if lost == again == 0 and all(same) else 1


if __name__ == "__main__":
    sys.exit(main())
