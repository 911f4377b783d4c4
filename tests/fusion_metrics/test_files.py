"""Files are written whole or not at all, and devices, pipes and links stay what they are."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from fusion_metrics.files import UnwritableFile, alone, check_file, check_folder, whole, write_bytes, write_text


def test_an_error_leaves_the_old_file_and_no_scratch_file(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("old")

    def write_half() -> None:
        with whole(path) as scratch:
            scratch.write_text("half of")
            raise KeyError

    with pytest.raises(KeyError):
        write_half()
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("table.csv", "old")]


def test_a_link_stays_and_what_it_points_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    target, link = tmp_path / "folder" / "target", tmp_path / "link"
    link.symlink_to("folder/target")
    for text in ("made", "replaced"):
        write_text(link, text)
        assert link.is_symlink()
        assert target.read_text() == text


def test_links_in_a_circle_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(UnwritableFile, match="leads back to itself"):
        write_text(tmp_path / "a", "text")


def test_permissions_stay_and_new_files_have_the_usual_ones(tmp_path: Path) -> None:
    old, new, usual = tmp_path / "old", tmp_path / "new", tmp_path / "usual"
    usual.write_text("")
    old.write_text("")
    old.chmod(0o640)
    for path in (old, new):
        write_text(path, "text")
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    assert new.stat().st_mode == usual.stat().st_mode


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnwritableFile, match="is a folder"):
        write_text(tmp_path, "text")
    with pytest.raises(UnwritableFile, match="is a folder"):
        check_file(tmp_path)


def test_a_folder_that_cannot_be_made_is_found_before(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnwritableFile, match="file is not a folder"):
        check_folder(tmp_path / "file" / "results")
    with pytest.raises(UnwritableFile, match=r"table\.csv: cannot be written, .*file is not a folder"):
        check_file(tmp_path / "file" / "table.csv")
    check_folder(tmp_path / "a" / "b")
    check_file(tmp_path / "a" / "b" / "table.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_full_device_stays_a_device_and_is_named() -> None:
    with pytest.raises(UnwritableFile, match=r"^/dev/full: cannot be written \(No space left on device\)$"):
        write_text(Path("/dev/full"), "text")
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)
    write_text(Path("/dev/null"), "text")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_stays_a_pipe_and_gets_the_content(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(path.read_bytes()))
    reader.start()
    write_bytes(path, b"content")
    reader.join()
    assert read == [b"content"]
    assert path.is_fifo()


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="this system has no file for standard output")
def test_standard_output_is_written_to_even_if_it_is_a_file(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from fusion_metrics.files import write_text; print('before');"
        "write_text(Path('/dev/stdout'), 'table\\n'); print('after')"
    )
    with (tmp_path / "out").open("wb") as file:
        subprocess.run([sys.executable, "-c", code], stdout=file, check=True)
    assert (tmp_path / "out").read_text() == "before\ntable\nafter\n"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_two_writers_at_once_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    with whole(path) as first, whole(path) as second:
        assert first != second
        first.write_text("first")
        second.write_text("second")
    assert path.read_text() == "first"


@pytest.mark.skipif(os.name != "posix", reason="whether a process lives is asked in another way here")
def test_what_a_killed_process_left_goes_with_the_next_write(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    code = (
        "import os, signal, sys; from pathlib import Path; from fusion_metrics.files import whole\n"
        "with whole(Path(sys.argv[1])) as scratch:\n"
        "    scratch.write_text('half'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, path], check=False)
    assert len(list(tmp_path.iterdir())) == 1
    write_text(path, "whole")
    assert [each.name for each in tmp_path.iterdir()] == ["table.csv"]


def test_a_long_name_can_be_written(tmp_path: Path) -> None:
    write_text(tmp_path / ("n" * 251 + ".csv"), "text")
    with pytest.raises(UnwritableFile, match="File name too long"):
        write_text(tmp_path / ("n" * 300), "text")


def test_only_one_at_a_time_has_the_lock(tmp_path: Path) -> None:
    inside: list[int] = []

    def enter(number: int) -> None:
        with alone(tmp_path / "lock"):
            inside.append(number)
            inside.append(number)

    threads = [threading.Thread(target=enter, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert inside[::2] == inside[1::2]
