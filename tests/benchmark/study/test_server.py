"""The server as somebody meets it who means well, and somebody who does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="needs starlette: pip install 'fmbench[study]'")

from benchmark.study.access import HEADERS, LARGEST
from benchmark.study.joining import renew_links
from tests.benchmark.study.studies import Serving, small_study


def test_every_answer_carries_the_security_headers(tmp_path: Path) -> None:
    folder, _, tokens = small_study(tmp_path)
    with Serving(folder) as serving:
        known, stranger = serving.visitor(tokens["alpha"]), serving.visitor()
        picture = known.get("/api/slot/0").json()["fused"][0]["picture"]
        answers = [
            *(stranger.get(path) for path in ("/", "/study.js", "/study.css", "/nothing", "/api/state", "/api/no")),
            *(known.get(path) for path in ("/api/state", f"/picture/{picture}.png")),
            stranger.ask("DELETE", "/api/vote"),
        ]
    for answer in answers:
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, answer.url
    assert "'unsafe" not in HEADERS["Content-Security-Policy"]
    assert answers[6].headers["cache-control"] == "no-store"
    assert "private" in answers[7].headers["cache-control"]


def test_the_page_names_no_address_of_another_computer() -> None:
    from benchmark.study.server import ASSETS

    for name, (content, _) in ASSETS.items():
        addresses = content.replace(b"http://www.w3.org/2000/svg", b"")
        assert b"http://" not in addresses, name
        assert b"https://" not in addresses, name


def test_a_link_opens_a_session_whose_cookie_no_script_can_read(tmp_path: Path) -> None:
    folder, _, tokens = small_study(tmp_path)
    with Serving(folder) as serving:
        cookie = serving.visitor().enter(tokens["alpha"]).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_without_a_link_there_is_nothing_to_see(tmp_path: Path) -> None:
    folder, study, _ = small_study(tmp_path)
    picture = next(iter(study.pictures))
    with Serving(folder) as serving:
        stranger = serving.visitor()
        for path in ("/api/state", "/api/slot/0", f"/picture/{picture}.png"):
            assert stranger.get(path).status_code == 401
        assert stranger.vote(0, 3).status_code == 401
        assert serving.votes.all_votes() == []


def test_wrong_tokens_are_refused_and_soon_not_even_looked_at(tmp_path: Path) -> None:
    folder, _, tokens = small_study(tmp_path)
    with Serving(folder) as serving:
        stranger = serving.visitor()
        codes = [stranger.enter(f"guess-{number}").status_code for number in range(40)]
        assert codes[0] == 401
        assert codes[-1] == 429
        assert stranger.enter(tokens["alpha"][:-1]).status_code == 429


def test_a_stolen_link_is_worth_nothing_once_a_new_one_is_made(tmp_path: Path) -> None:
    folder, _, tokens = small_study(tmp_path)
    with Serving(folder) as serving:
        thief = serving.visitor(tokens["alpha"])
        assert thief.vote(0, 1).status_code == 200
        new = renew_links(folder, "alpha")["alpha"]
        assert thief.vote(1, 1).status_code == 401
        assert serving.visitor().enter(tokens["alpha"]).status_code == 401
        assert serving.visitor(new).get("/api/state").json()["next"] == 1
        assert serving.visitor(tokens["beta"]).get("/api/state").json()["next"] == 0


def test_no_secret_stands_in_the_folder_of_the_study(tmp_path: Path) -> None:
    folder, _, tokens = small_study(tmp_path)
    with Serving(folder) as serving:
        visitor = serving.visitor(tokens["alpha"])
        secrets = [*tokens.values(), *visitor.cookies.values(), visitor.csrf]
        content = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert not [secret for secret in secrets if secret.encode() in content]


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": None},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "https://127.0.0.1:8000"},
        {"sec-fetch-site": "cross-site"},
        {"x-csrf": None},
        {"x-csrf": "0" * 64},
        {"x-csrf": "\u00fc".encode("latin-1").decode("latin-1")},
    ],
    ids=str,
)
def test_a_vote_from_another_page_is_refused(tmp_path: Path, headers: dict[str, str | None]) -> None:
    folder, _, tokens = small_study(tmp_path)
    with Serving(folder) as serving:
        visitor = serving.visitor(tokens["alpha"])
        sent = {name: value.encode("latin-1") if value else value for name, value in headers.items()}
        said = {"position": 0, "attempt": 1, "value": 3}
        assert visitor.post("/api/vote", said, headers=sent).status_code == 403
        assert serving.votes.all_votes() == []


def test_a_window_that_was_opened_by_another_link_does_not_vote_under_its_name(tmp_path: Path) -> None:
    folder, _, tokens = small_study(tmp_path)
    with Serving(folder) as serving:
        window = serving.visitor(tokens["alpha"])
        csrf = window.csrf
        assert window.enter(tokens["beta"]).status_code == 200  # a second window of the same browser
        window.csrf = csrf
        assert window.vote(0, 5).status_code == 403
        assert serving.votes.all_votes() == []


@pytest.mark.parametrize(
    "said",
    [
        {"value": 6},
        {"value": 0},
        {"value": 3.5},
        {"value": "3"},
        {"value": True},
        {"value": None},
        {"value": [3]},
        {"value": 10**400},
        {"value": 3, "position": -1},
        {"value": 3, "position": 1.0},
        {"value": 3, "position": True},
        {"value": 3, "position": 10**30},
        {"value": 3, "attempt": "1"},
        {"value": 3, "attempt": 0},
        {"value": 3, "attempt": 2},
        {"value": 3, "position": 1},
        {"value": 3, "note": "not asked for"},
        {"value": 3, "note": 7},
    ],
    ids=str,
)
def test_a_vote_that_makes_no_sense_is_refused(tmp_path: Path, said: dict[str, object]) -> None:
    folder, _, tokens = small_study(tmp_path)
    with Serving(folder) as serving:
        visitor = serving.visitor(tokens["alpha"])
        answer = visitor.post("/api/vote", {"position": 0, "attempt": 1, **said})
        assert answer.status_code in (400, 409)
        assert answer.json()["error"]
        assert serving.votes.all_votes() == []


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b"\xff\xfe", "application/json"),
        (b'{"value": NaN, "position": 0, "attempt": 1}', "application/json"),
        (b"[" * 15_000, "application/json"),
        (b'{"value": "' + b"x" * LARGEST + b'"}', "application/json"),
        (b"position=0&attempt=1&value=3", "application/x-www-form-urlencoded"),
        (b'{"value": 3, "position": 0, "attempt": 1}', "text/plain"),
        (b"", "application/json"),
    ],
)
def test_what_is_no_small_json_object_is_refused(tmp_path: Path, content: bytes, kind: str) -> None:
    folder, _, tokens = small_study(tmp_path)
    with Serving(folder) as serving:
        visitor = serving.visitor(tokens["alpha"])
        assert visitor.ask("POST", "/api/vote", content=content, headers={"content-type": kind}).status_code == 400
        assert serving.votes.all_votes() == []


@pytest.mark.parametrize(
    "path",
    [
        "/picture/../study.json",
        "/picture/..%2f..%2fstudy.json.png",
        "/picture/..%2fvotes.png",
        "/votes.sqlite",
        "/study.json",
        "/%2e%2e/server.py",
        "/api/slot/-1",
        "/api/slot/99999999999999999999",
        "/api/slot/x",
    ],
)
def test_no_path_leads_out_of_what_is_offered(tmp_path: Path, path: str) -> None:
    folder, _, tokens = small_study(tmp_path)
    with Serving(folder) as serving:
        assert serving.visitor(tokens["alpha"]).get(path).status_code == 404


def test_a_page_is_not_told_what_made_an_image_nor_what_comes_much_later(tmp_path: Path) -> None:
    folder, study, tokens = small_study(tmp_path)
    with Serving(folder) as serving:
        visitor = serving.visitor(tokens["alpha"])
        told = json.dumps([visitor.get(path).json() for path in ("/api/state", "/api/slot/0", "/api/slot/1")])
        assert visitor.get("/api/slot/2").status_code == 409
    for item in study.items:
        assert item.algorithm not in told
        assert item.image not in told
    assert "repeat" not in told


def test_too_many_requests_are_answered_with_a_pause_and_others_go_on(tmp_path: Path) -> None:
    folder, _, tokens = small_study(tmp_path)
    with Serving(folder) as serving:
        hasty = serving.visitor(tokens["alpha"])
        codes = {hasty.get("/api/state").status_code for _ in range(200)}
        assert codes == {200, 429}
        assert serving.visitor(tokens["beta"]).get("/api/state").status_code == 200


def test_the_same_vote_sent_twice_is_stored_once(tmp_path: Path) -> None:
    folder, _, tokens = small_study(tmp_path)
    with Serving(folder) as serving:
        visitor = serving.visitor(tokens["alpha"])
        answers = [visitor.vote(0, 3).json() for _ in range(3)]
        assert answers == [{"next": 1}] * 3
        assert len(serving.votes.all_votes()) == 1


def test_a_second_window_cannot_overrule_the_first(tmp_path: Path) -> None:
    folder, _, tokens = small_study(tmp_path)
    with Serving(folder) as serving:
        first, second = serving.visitor(tokens["alpha"]), serving.visitor(tokens["alpha"])
        assert first.vote(0, 3).status_code == 200
        assert second.vote(0, 5).status_code == 409
        assert [vote.value for vote in serving.votes.all_votes()] == [3.0]


def test_a_correction_is_a_row_of_its_own_and_no_row_can_be_changed(tmp_path: Path) -> None:
    from benchmark.errors import BenchmarkError

    folder, _, tokens = small_study(tmp_path)
    with Serving(folder) as serving:
        visitor = serving.visitor(tokens["alpha"])
        visitor.vote(0, 3)
        assert visitor.vote(0, 5, attempt=2).status_code == 200
        assert visitor.get("/api/slot/0").json()["value"] == 5
        assert [(vote.attempt, vote.value) for vote in serving.votes.all_votes()] == [(1, 3.0), (2, 5.0)]
        for line in ("UPDATE votes SET value = 1", "DELETE FROM votes"):
            with pytest.raises(BenchmarkError, match="votes are not"):
                serving.votes._rows(line)


def test_details_that_are_no_numbers_are_dropped(tmp_path: Path) -> None:
    folder, _, tokens = small_study(tmp_path)
    details = {"ms": 1200, "zoom": "<b>", "window": 10**400, "evil": 1, "level": True}
    with Serving(folder) as serving:
        assert serving.visitor(tokens["alpha"]).vote(0, 3, details=details).status_code == 200
        assert serving.votes.all_votes()[0].details == {"ms": 1200.0, "window": 0.0}


def test_viewing_conditions_are_asked_for_once_a_day(tmp_path: Path) -> None:
    folder, _, tokens = small_study(tmp_path)
    with Serving(folder) as serving:
        visitor = serving.visitor(tokens["alpha"])
        assert visitor.get("/api/state").json()["ask"] is True
        said = {"room": "dark", "dark": 4, "more": "x", "sight": "y" * 1000}
        assert visitor.post("/api/conditions", said).status_code == 200
        assert visitor.get("/api/state").json()["ask"] is False
        [(name, kept, _)] = serving.votes.conditions()
    assert (name, kept) == ("alpha", {"room": "dark", "dark": 4.0, "sight": "y" * 60})


def test_who_leaves_has_to_come_back_with_the_link(tmp_path: Path) -> None:
    folder, _, tokens = small_study(tmp_path)
    with Serving(folder) as serving:
        visitor = serving.visitor(tokens["alpha"])
        cookies = dict(visitor.cookies)
        assert visitor.post("/api/leave", {}).status_code == 200
        visitor.cookies.update(cookies)
        assert visitor.get("/api/state").status_code == 401


def test_a_disk_that_cannot_be_written_is_told_to_the_page_and_the_vote_is_not_called_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _, tokens = small_study(tmp_path)
    with Serving(folder) as serving:
        visitor = serving.visitor(tokens["alpha"])
        serving.votes._file.execute("PRAGMA query_only = ON")  # what a full or read-only disk comes to
        assert visitor.vote(0, 3).status_code == 503
        serving.votes._file.execute("PRAGMA query_only = OFF")
        assert visitor.vote(0, 3).json() == {"next": 1}
