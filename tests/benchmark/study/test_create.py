"""Making a study: all of it or nothing, and complete in itself."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image as Pillow

from benchmark.cli import main
from benchmark.study.model import read_study
from benchmark.study.raters import pseudonyms
from benchmark.study.serving import open_study
from tests.benchmark.study.studies import small_study
from tests.databases import write_database


def fmbench(*words: object) -> Result:
    return CliRunner().invoke(main, ["study", *map(str, words)])


def create(database: Path, folder: Path, *more: object) -> Result:
    return fmbench("create", database, "--design", "rating", "--raters", "2", "--out", folder, *more)


def refused(result: Result, *words: str) -> None:
    """One line, exit code 2, no traceback."""
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    for word in words:
        assert word in result.output


def test_a_study_has_a_copy_of_every_pixel_and_nothing_else_of_the_file(tmp_path: Path) -> None:
    folder, study, _ = small_study(tmp_path)
    shutil.move(tmp_path / "fused", tmp_path / "kept")
    for item in study.items:
        with Pillow.open(folder / "pictures" / f"{item.picture}.png") as copied:
            assert copied.info == {}
            pixels = np.array(copied)
        with Pillow.open(tmp_path / "kept" / item.image) as original:
            assert np.array_equal(pixels, np.array(original))
    assert not [path for path in (folder / "pictures").iterdir() if "blur" in path.name]


def test_links_are_printed_once_and_renewing_prints_others(tmp_path: Path) -> None:
    write_database(tmp_path / "fused", scores="none")
    made = create(tmp_path / "fused", tmp_path / "study", "--address", "http://192.168.1.20:8000")
    assert made.exit_code == 0, made.output
    lines = [line for line in made.output.splitlines() if line.startswith("rater-0")]
    assert len(lines) == 2
    assert "http://192.168.1.20:8000/#" in lines[0]
    again = fmbench("links", tmp_path / "study", "--raters", "rater-01").output
    assert "rater-01" in again
    assert "rater-02" not in again
    assert lines[0].split("#")[1] not in again


def test_a_rater_who_joins_later_has_a_sequence(tmp_path: Path) -> None:
    folder, _, _ = small_study(tmp_path)
    assert fmbench("links", folder, "--add", "delta").exit_code == 0
    refused(fmbench("links", folder, "--add", "delta"), "takes part already")
    _, votes = open_study(folder)
    assert len(votes.slots(votes.raters()["delta"])) == 15  # 12, one repeat, two for training
    votes.close()


def test_an_existing_folder_is_never_touched(tmp_path: Path) -> None:
    write_database(tmp_path / "fused", scores="none")
    (tmp_path / "study").mkdir()
    refused(create(tmp_path / "fused", tmp_path / "study"), "exists already", "--out")
    assert not list((tmp_path / "study").iterdir())


def test_a_database_without_its_pictures_is_refused_and_nothing_is_left_behind(tmp_path: Path) -> None:
    database = write_database(tmp_path / "fused", scores="none")
    (database / "fused" / "blur1" / "p0.png").unlink()
    (database / "sources" / "p1_a.png").write_bytes(b"")
    refused(create(database, tmp_path / "study"), "blur1/p0.png", "p1_a.png")
    assert [path.name for path in tmp_path.iterdir()] == ["fused"]


def test_a_fused_image_of_another_size_is_refused(tmp_path: Path) -> None:
    database = write_database(tmp_path / "fused", scores="none")
    Pillow.fromarray(np.zeros((20, 20), np.uint8)).save(database / "fused" / "blur1" / "p0.png")
    refused(create(database, tmp_path / "study"), "blur1/p0.png", "not as large as its sources")


@pytest.mark.parametrize(
    ("raters", "cause"),
    [
        ("0", "1 to 500 raters"),
        ("501", "1 to 500 raters"),
        ("Anna Meier", "not a pseudonym"),
        ("a@clinic.example", "not a pseudonym"),
        ("a,a", "there twice"),
        ("a,,b", "not a pseudonym"),
        ("../a", "not a pseudonym"),
    ],
)
def test_raters_have_pseudonyms(tmp_path: Path, raters: str, cause: str) -> None:
    write_database(tmp_path / "fused", scores="none")
    made = fmbench(
        *("create", tmp_path / "fused", "--design", "rating", "--raters", raters, "--out", tmp_path / "study")
    )
    refused(made, "--raters", cause)


def test_a_number_of_raters_makes_pseudonyms() -> None:
    assert pseudonyms("2") == ("rater-01", "rater-02")


@pytest.mark.parametrize("share", ["60%", "-1%", "x", "nan", "5 %%"])
def test_a_share_of_repeats_that_is_none_is_refused(tmp_path: Path, share: str) -> None:
    write_database(tmp_path / "fused", scores="none")
    refused(create(tmp_path / "fused", tmp_path / "study", "--repeat", share), "--repeat")


def test_pairs_for_training_are_not_rated(tmp_path: Path) -> None:
    _, study, _ = small_study(tmp_path, training_pairs=("p1",))
    assert {item.pair for item in study.training} == {"p1"}
    assert {item.pair for item in study.items} == {"p0", "p2"}


def test_one_image_of_each_pair_is_nothing_to_compare(tmp_path: Path) -> None:
    database = write_database(tmp_path / "fused", steps=1, scores="none")
    made = fmbench("create", database, "--design", "pairs", "--raters", "2", "--out", tmp_path / "study")
    refused(made, "nothing to compare")


def test_a_study_of_another_version_names_the_release_that_can_serve_it(tmp_path: Path) -> None:
    folder, _, _ = small_study(tmp_path)
    path = folder / "study.json"
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, "version": 99, "package": "fmbench 9.9"}))
    refused(fmbench("status", folder), "version 99", "fmbench 9.9")


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"format": "fmbench-study", "version": 1}'])
def test_a_damaged_description_is_refused(tmp_path: Path, text: str) -> None:
    folder, _, _ = small_study(tmp_path)
    (folder / "study.json").write_text(text)
    refused(fmbench("status", folder), "study.json")


def test_simulated_raters_cannot_be_made_human_afterwards(tmp_path: Path) -> None:
    folder, _, _ = small_study(tmp_path, simulated=True)
    path = folder / "study.json"
    path.write_text(path.read_text().replace('"scores": "simulated"', '"scores": "human"'))
    assert read_study(folder)[0].scores == "human"
    for words in (["status", folder], ["export", folder, tmp_path / "out"], ["serve", folder, "--port", "0"]):
        refused(fmbench(*words), "votes.sqlite", "altered")


def test_votes_that_are_missing_or_damaged_are_refused(tmp_path: Path) -> None:
    folder, _, _ = small_study(tmp_path)
    votes = folder / "votes.sqlite"
    votes.write_bytes(b"not a database" * 100)
    refused(fmbench("status", folder), "votes.sqlite")
    for path in folder.glob("votes.sqlite*"):
        path.unlink()
    refused(fmbench("status", folder), "votes.sqlite", "missing")


def test_pictures_that_were_altered_are_not_served(tmp_path: Path) -> None:
    folder, study, _ = small_study(tmp_path)
    picture = folder / "pictures" / f"{study.items[0].picture}.png"
    picture.write_bytes(picture.read_bytes() + b" ")
    refused(fmbench("serve", folder, "--port", "0"), picture.name, "altered")


def test_no_folder_is_no_study(tmp_path: Path) -> None:
    for command in ("status", "serve", "links"):
        refused(fmbench(command, tmp_path / "nothing"), "no such folder")
    refused(fmbench("status", tmp_path), "not a study")


def test_a_port_in_use_is_refused_with_another_way(tmp_path: Path) -> None:
    import socket

    folder, _, _ = small_study(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused(fmbench("serve", folder, "--port", port), str(port), "in use", "--port 0")


def test_a_certificate_needs_its_key(tmp_path: Path) -> None:
    folder, _, _ = small_study(tmp_path)
    refused(fmbench("serve", folder, "--certificate", "x.pem"), "--key")


def test_serving_without_its_extra_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, _, _ = small_study(tmp_path)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    refused(fmbench("serve", folder), "pip install 'fmbench[study]'")
    assert fmbench("status", folder).exit_code == 0


def test_a_certificate_that_is_none_is_refused(tmp_path: Path) -> None:
    folder, _, _ = small_study(tmp_path)
    for name in ("c.pem", "k.pem"):
        (tmp_path / name).write_text("nothing")
    words = ["--certificate", tmp_path / "c.pem", "--key", tmp_path / "k.pem", "--port", "0"]
    refused(fmbench("serve", folder, *words), "c.pem", "no PEM certificate")
