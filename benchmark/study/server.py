"""The server: it gives a rater the next item, and writes down what is said of it."""

from __future__ import annotations

import json
import math
import secrets
from collections.abc import Awaitable, Callable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from benchmark.errors import BenchmarkError
from benchmark.messages import LOGGER
from benchmark.study.access import HEADERS, LARGEST, Rate, same_origin
from benchmark.study.model import PICTURES, Study
from benchmark.study.raters import csrf_of
from benchmark.study.sitting import Refused, Sitting
from benchmark.study.votes import Votes

COOKIE = "fmbench-study"
#: How long a browser remembers who it is, in seconds: a study may take some weeks.
REMEMBER = 60 * 24 * 3600
_PAGE = files("benchmark.study").joinpath("page")
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
ASSETS = {
    path.name: (path.read_bytes(), _TYPES[Path(path.name).suffix])
    for path in _PAGE.iterdir()
    if Path(path.name).suffix in _TYPES
}

Answer = Callable[[Request, Sitting], Response]


class Headers:
    """Put `HEADERS` on every answer, whatever happened."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, with_headers)


class Server:
    """A study that is being served.

    Parameters
    ----------
    study : Study
    folder : Path
    votes : Votes
    """

    def __init__(self, study: Study, folder: Path, votes: Votes) -> None:
        self._study, self._folder, self._votes = study, folder, votes
        #: Links are long and random; whoever tries out others is slowed down.
        self._knocks = Rate(burst=20, per_second=0.2)
        self._calls = Rate(burst=120, per_second=20)

    def app(self) -> ASGIApp:
        """Return the application."""
        routes = [
            Route("/", self._page),
            Route("/{name}", self._asset),
            Route("/api/session", self._enter, methods=["POST"]),
            Route("/api/state", self._reading(lambda request, sitting: JSONResponse(sitting.state()))),
            Route("/api/slot/{position:int}", self._reading(_slot)),
            Route("/api/vote", self._writing(_vote), methods=["POST"]),
            Route("/api/conditions", self._writing(_conditions), methods=["POST"]),
            Route("/api/leave", self._writing(self._leave), methods=["POST"]),
            Route("/picture/{name}.png", self._reading(self._picture)),
        ]
        app = Starlette(routes=routes, exception_handlers={500: _broken, BenchmarkError: _broken})
        return Headers(app)

    async def _page(self, request: Request) -> Response:
        return self._own("study.html")

    async def _asset(self, request: Request) -> Response:
        return self._own(request.path_params["name"])

    def _own(self, name: str) -> Response:
        if name not in ASSETS:
            return _no(404, "there is no such page")
        content, kind = ASSETS[name]
        return Response(content, media_type=kind, headers={"Cache-Control": "no-cache"})

    async def _enter(self, request: Request) -> Response:
        """Exchange the token of a link for a session."""
        if not same_origin(request.url.scheme, request.headers):
            return _no(403, "this does not come from the study's own page")
        said = await _json(request)
        token = said.get("token") if said else None
        if not isinstance(token, str):
            return _no(400, "no token")
        if not self._knocks.allows(_caller(request)):
            return _no(429, "too many attempts; wait a minute")
        secret = await run_in_threadpool(self._votes.open_session, token)
        if secret is None:
            return _no(401, "this link is not valid")
        answer = JSONResponse({"csrf": csrf_of(secret)})
        answer.set_cookie(
            COOKIE, secret, max_age=REMEMBER, httponly=True, samesite="strict", secure=request.url.scheme == "https"
        )
        return answer

    def _leave(self, request: Request, sitting: Sitting, said: Mapping[str, Any]) -> Response:
        self._votes.close_session(request.cookies[COOKIE])
        answer = JSONResponse({})
        answer.delete_cookie(COOKIE)
        return answer

    def _picture(self, request: Request, sitting: Sitting) -> Response:
        name = request.path_params["name"]
        if name not in self._study.pictures:
            return _no(404, "there is no such picture")
        kept = {"Cache-Control": f"private, max-age={REMEMBER}, immutable"}
        return FileResponse(self._folder / PICTURES / f"{name}.png", media_type="image/png", headers=kept)

    def _sitting(self, request: Request) -> Sitting | Response:
        """Find out who asks."""
        secret = request.cookies.get(COOKIE)
        found = self._votes.rater_of(secret) if secret else None
        if secret is None or found is None:
            if not self._knocks.allows(_caller(request)):
                return _no(429, "too many attempts; wait a minute")
            return _no(401, "please open the study with your link")
        if not self._calls.allows(secret):
            return _no(429, "too many requests; wait a moment")
        return Sitting(self._study, self._votes, *found, csrf_of(secret))

    def _reading(self, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
        def work(request: Request) -> Response:
            sitting = self._sitting(request)
            return sitting if isinstance(sitting, Response) else _heard(lambda: answer(request, sitting))

        async def endpoint(request: Request) -> Response:
            return await run_in_threadpool(work, request)

        return endpoint

    def _writing(
        self, answer: Callable[[Request, Sitting, Mapping[str, Any]], Response]
    ) -> Callable[[Request], Awaitable[Response]]:
        def work(request: Request, said: Mapping[str, Any]) -> Response:
            sitting = self._sitting(request)
            if isinstance(sitting, Response):
                return sitting
            if not secrets.compare_digest(request.headers.get("x-csrf", "").encode(), sitting.csrf.encode()):
                return _no(403, "this window was opened by somebody else's link; reload it")
            return _heard(lambda: answer(request, sitting, said))

        async def endpoint(request: Request) -> Response:
            if not same_origin(request.url.scheme, request.headers):
                return _no(403, "this does not come from the study's own page")
            said = await _json(request)
            if said is None:
                return _no(400, "this is not understood")
            return await run_in_threadpool(work, request, said)

        return endpoint


def _slot(request: Request, sitting: Sitting) -> Response:
    return JSONResponse(sitting.slot(request.path_params["position"]))


def _vote(request: Request, sitting: Sitting, said: Mapping[str, Any]) -> Response:
    return JSONResponse(sitting.vote(said))


def _conditions(request: Request, sitting: Sitting, said: Mapping[str, Any]) -> Response:
    return JSONResponse(sitting.say_conditions(said))


def _heard(answer: Callable[[], Response]) -> Response:
    try:
        return answer()
    except Refused as refused:
        return _no(refused.status, str(refused))


def _no(status: int, reason: str) -> Response:
    return JSONResponse({"error": reason}, status_code=status)


def _broken(request: Request, error: Exception) -> Response:
    """Tell a page that its vote is not stored; it asks again."""
    LOGGER.warning("%s: %s", request.url.path, error)
    return _no(503, "the study cannot write at the moment; your vote is kept here and sent again")


def _caller(request: Request) -> str:
    return request.client.host if request.client else ""


async def _json(request: Request) -> dict[str, Any] | None:
    """Read a small JSON object, or return None."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        return None
    content = b""
    try:
        async for part in request.stream():
            content += part
            if len(content) > LARGEST:
                return None
        said = json.loads(content, parse_constant=lambda name: math.nan)
    except (ValueError, RecursionError, ClientDisconnect):
        return None
    return said if isinstance(said, dict) else None
