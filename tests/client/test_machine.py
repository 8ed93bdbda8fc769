"""What verbs do on this machine without the service."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jupyter_aml.client.machine import LocalMachine
from jupyter_aml.model.errors import Invalid, StorageFull


def test_the_status_of_no_service_makes_nothing(home: Path) -> None:
    status = LocalMachine().status()
    assert (status.state, status.pid, status.home) == ("stopped", None, str(home))
    assert status.running == {"jobs": 0, "nodes": 0, "endpoints": 0}
    assert not home.exists()


def test_stopping_no_service_is_no_error(home: Path) -> None:
    assert LocalMachine().stop(force=True).state == "stopped"
    assert not home.exists()


def test_the_log_is_read_from_its_end(home: Path) -> None:
    machine = LocalMachine(home)
    assert machine.log(10) == ""
    home.mkdir()
    (home / "service.log").write_text("".join(f"line {n}\n" for n in range(1000)))
    assert machine.log(2) == "line 998\nline 999\n"


def test_files_are_saved_as_a_whole(tmp_path: Path) -> None:
    def broken() -> object:
        yield b"half"
        raise StorageFull("the disk is full")

    machine = LocalMachine(tmp_path)
    target = tmp_path / "there"
    saved = machine.save(str(target), [("a/b.txt", iter([b"1", b"2"])), ("c", iter([]))])
    assert [Path(path).read_bytes() for path in saved] == [b"12", b""]
    with pytest.raises(StorageFull):
        machine.save(str(target), [("d", broken())])  # type: ignore[list-item]
    assert sorted(path.name for path in target.iterdir()) == ["a", "c"]


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/x", "", ".", "a\0b"])
def test_no_file_leaves_its_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "in"
    with pytest.raises(Invalid, match="leads out"):
        LocalMachine(tmp_path).save(str(folder), [(name, iter([b"x"]))])
    assert not folder.exists()


@pytest.mark.skipif(os.name != "posix" or os.getuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StorageFull, match="cannot be written"):
        LocalMachine(tmp_path).save(str(tmp_path / "x"), [("a", iter([b"x"]))])


def test_a_file_in_the_way_is_said(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    with pytest.raises(StorageFull, match="cannot be written"):
        LocalMachine(tmp_path).save(str(tmp_path / "x"), [("a", iter([b"x"]))])
