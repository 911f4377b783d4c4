"""The server is killed while votes are on their way: whatever it answered for is there, and nothing is there twice."""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from pathlib import Path

import httpx

from tests.benchmark.study.studies import small_study
from tests.study.served import Served, served


class Rater(threading.Thread):
    """Votes as fast as it can, and sends what was not answered for again, as the page does."""

    def __init__(self, url: str, token: str, total: int) -> None:
        super().__init__(daemon=True)
        self.url, self.token, self.total = url, token, total
        self.answered: dict[int, int] = {}

    def run(self) -> None:
        value = random.Random(self.token)
        with httpx.Client(base_url=self.url, headers={"origin": self.url}, timeout=5) as client:
            csrf = self.patiently(client, "/api/session", {"token": self.token}).json()["csrf"]
            client.headers["x-csrf"] = csrf
            for position in range(self.total):
                vote = {"position": position, "attempt": 1, "value": value.randint(1, 5)}
                assert self.patiently(client, "/api/vote", vote).json() == {"next": position + 1}
                self.answered[position] = int(vote["value"])

    def patiently(self, client: httpx.Client, path: str, said: dict[str, object]) -> httpx.Response:
        for _ in range(3000):
            try:
                answer = client.post(path, json=said)
            except httpx.TransportError:
                time.sleep(0.02)
                continue
            if answer.status_code == 200:
                return answer
            assert answer.status_code in (429, 503), answer.text
            time.sleep(0.05)
        raise AssertionError("the server did not come back")


def stored(folder: Path) -> list[tuple[str, int, int]]:
    with sqlite3.connect(folder / "votes.sqlite") as file:
        return file.execute(
            "SELECT name, position, value FROM votes JOIN raters ON raters.id = votes.rater ORDER BY votes.id"
        ).fetchall()


def test_no_vote_that_was_answered_for_is_lost_and_none_is_counted_twice(tmp_path: Path) -> None:
    folder, _, tokens = small_study(tmp_path, images=40, training=0, repeat=0.0)
    with served(folder) as first:
        raters = {name: Rater(first.url, token, 40) for name, token in tokens.items()}
        for rater in raters.values():
            rater.start()
        current, kills = first, 0
        try:
            while any(rater.is_alive() for rater in raters.values()) and kills < 4:
                before = sum(len(rater.answered) for rater in raters.values())
                while any(rater.is_alive() for rater in raters.values()) and (
                    sum(len(rater.answered) for rater in raters.values()) < before + 20
                ):
                    time.sleep(0.001)
                answered = {(name, *vote) for name, rater in raters.items() for vote in list(rater.answered.items())}
                current.kill()
                kills += 1
                assert answered <= set(stored(folder))
                current = Served(folder, first.port)
            for rater in raters.values():
                rater.join(timeout=60)
        finally:
            current.kill()
    assert kills == 4
    expected = {(name, *vote) for name, rater in raters.items() for vote in rater.answered.items()}
    assert len(expected) == 120
    found = stored(folder)
    assert len(found) == 120
    assert set(found) == expected
