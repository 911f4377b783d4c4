"""Print what a cluster's client does for each picture, task and score: ``python -m benchmarks.messages``.

Pictures are 640x480, a task has ten fused images of a pair. CPU milliseconds of one process: to open, hash and look up
a picture; to pack and unpack a task with its pixels, and with the paths of ``--shared-storage``. Then the bytes of a
task, and of a score in the store. ``--keep`` writes results/timing/messages.csv.
"""

from __future__ import annotations

import argparse
import pickle
import tempfile
import time
from pathlib import Path

from benchmark.databases.folder import load_folder
from benchmark.scoring.plan import Plan
from benchmark.scoring.remote import to_send
from benchmark.scoring.store import ScoreStore
from benchmark.scoring.tasks import run_task
from benchmarks.kept import keep
from benchmarks.stored import write_pictures
from fusion_metrics.selection import select_metrics

METRICS = "en,sd,sf,ag,mi,scd,mse,rmse,psnr,cc"
IMAGES, PAIRS = 40, 4


def main() -> None:
    """Print one line for each cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true")
    asked = parser.parse_args()
    rows: list[tuple[str, float, str]] = []
    with tempfile.TemporaryDirectory() as scratch:
        folder, file = Path(scratch) / "pictures", Path(scratch) / "scores.sqlite"
        folder.mkdir()
        write_pictures(folder, IMAGES, PAIRS, (640, 480))
        metrics = tuple(select_metrics(METRICS))
        with ScoreStore(file) as store:
            plan = Plan(load_folder(folder), metrics, store, lambda done, total: None, True)
            start = time.process_time()
            tasks = list(plan.tasks())
            rows.append(("open", (time.process_time() - start) * 1e3 / (IMAGES + 2 * PAIRS), "ms a picture"))
            for way, files in (("pixels", None), ("paths", plan.files)):
                start = time.process_time()
                sent = [pickle.dumps(to_send(task, plan.database.reading, files), protocol=5) for task in tasks]
                for message in sent:
                    pickle.loads(message)  # noqa: S301 - just packed
                rows.append((way, (time.process_time() - start) * 1e3 / len(sent), "ms a task"))
                rows.append((way, sum(map(len, sent)) / len(sent) / 1e3, "kB a task"))
            empty = file.stat().st_size
            for task in tasks:
                plan.add(run_task(task))
        rows.append(("store", (file.stat().st_size - empty) / (IMAGES * len(metrics)), "bytes a score"))
    for what, number, unit in rows:
        print(f"{what:8}{number:10.2f} {unit}")
    if asked.keep:
        print(keep("messages", ("what", "number", "unit"), [(w, round(n, 3), u) for w, n, u in rows]))


if __name__ == "__main__":
    main()
