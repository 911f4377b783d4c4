"""Small studies, and a browser without a screen that speaks HTTP to their server in this process."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx

from benchmark.databases import open_database
from benchmark.study.create import Plan, create_study
from benchmark.study.model import Study
from benchmark.study.server import Server
from benchmark.study.serving import open_study
from tests.databases import write_database

HOME = "http://127.0.0.1:8000"


def small_study(tmp_path: Path, *, images: int = 12, **plan: Any) -> tuple[Path, Study, dict[str, str]]:
    """Make a study of rating, or what is asked for, of a small database without scores."""
    database = write_database(tmp_path / "fused", pairs=images // 4, steps=4, scores="none")
    asked = {"design": "rating", "raters": ("alpha", "beta", "gamma"), "training": 2, **plan}
    study, tokens = create_study(open_database(database), tmp_path / "study", Plan(**asked))
    return tmp_path / "study", study, dict(tokens)


class Visitor:
    """Somebody with cookies of their own. Visitors of one server share its limits of rates."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.cookies = httpx.Cookies()
        self.csrf = ""

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send one request; ``headers`` replace the ones that the page would send."""
        headers = {"origin": HOME, "x-csrf": self.csrf, **more.pop("headers", {})}
        headers = {name: value for name, value in headers.items() if value is not None}

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url=HOME, cookies=self.cookies) as client:
                answer = await client.request(method, path, headers=headers, **more)
                self.cookies = client.cookies
                return answer

        return asyncio.run(send())

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("GET", path, **more)

    def post(self, path: str, said: object, **more: Any) -> httpx.Response:
        return self.ask("POST", path, json=said, **more)

    def enter(self, token: str) -> httpx.Response:
        answer = self.post("/api/session", {"token": token})
        if answer.status_code == 200:
            self.csrf = answer.json()["csrf"]
        return answer

    def vote(self, position: int, value: object, attempt: int = 1, **more: object) -> httpx.Response:
        return self.post("/api/vote", {"position": position, "attempt": attempt, "value": value, **more})


class Serving:
    """A server in this process; to be used as a context."""

    def __init__(self, folder: Path) -> None:
        study, self.votes = open_study(folder)
        self.app = Server(study, folder, self.votes).app()

    def __enter__(self) -> Serving:
        return self

    def __exit__(self, *raised: object) -> None:
        self.votes.close()

    def visitor(self, token: str = "") -> Visitor:
        visitor = Visitor(self.app)
        if token:
            assert visitor.enter(token).status_code == 200
        return visitor
