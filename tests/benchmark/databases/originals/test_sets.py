"""What is known of public sets, and what is done with the name of one."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import pytest

from benchmark.databases.folder import load_folder
from benchmark.databases.originals.convert import convert
from benchmark.databases.originals.sets import public_set, public_sets
from tests.command import fmbench
from tests.originals import mefdatabase

command = partial(fmbench, "data")


def test_public_sets_have_an_address_and_a_licence_and_no_hash_without_an_archive() -> None:
    for known in public_sets().values():
        assert known.address.startswith("http")
        assert known.licence
        assert known.citation
        assert bool(known.archive) == bool(known.sha256)
        assert len(known.sha256) in (0, 64)


def test_a_set_of_unknown_hash_is_not_downloaded_but_unpacked_where_it_was_put(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path / "cache"))
    run = command("fetch", "mefdatabase")
    place = public_set("mefdatabase").place
    assert run.exit_code == 2
    assert "hash unknown" in run.output
    assert str(place) in run.output.replace("\n", "")
    mefdatabase(tmp_path / "made" / "MEFDatabase")
    place.mkdir(parents=True)
    shutil.make_archive(str(place / "MEFDatabase"), "zip", tmp_path / "made")
    run = command("fetch", "mefdatabase")
    assert run.exit_code == 0, run.output
    assert "nobody has vouched" in run.output
    folder = run.output.splitlines()[-1]
    convert(public_set("mefdatabase"), Path(folder), tmp_path / "mef")
    assert len(load_folder(tmp_path / "mef").fused) == 6


def test_names_of_sets_are_checked_and_listed() -> None:
    assert "mefdatabase" in command("sets").output
    assert "no public set of that name" in command("fetch", "mefdatabas").output
    assert command("fetch", "https://example.org/a.zip").exit_code == 2


def test_a_set_without_a_converter_says_so(tmp_path: Path) -> None:
    run = command("convert", "lwir", tmp_path, "--out", tmp_path / "x")
    assert run.exit_code == 2
    assert "nobody has written a converter" in run.output
