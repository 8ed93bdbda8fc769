"""What a killed service left in the temporary folder goes with the next one of its home."""

from __future__ import annotations

import os
import socket
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_aml.service.folders import leave_run_folder, run_folder
from jupyter_aml.service.old_sockets import NOTE, take_run_folder
from jupyter_aml.testing.service import ServiceProcess

pytestmark = pytest.mark.skipif(
    not Path("/proc/net/unix").exists(), reason="the system does not tell who listens"
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    made.mkdir(mode=0o700)
    return made


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A temporary folder with a short name: the path of a socket ends near 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="s") as place:
        monkeypatch.setenv("XDG_RUNTIME_DIR", place)
        yield Path(place)


def listening(path: Path) -> socket.socket:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    made.bind(str(path))
    made.listen()
    return made


def test_sockets_of_the_dead_go_and_those_of_the_living_stay(home: Path, short: Path) -> None:
    folder = take_run_folder(home)
    listening(folder / "dead.sock").close()
    (folder / "note.txt").write_text("not a socket")
    with listening(folder / "node.sock"):
        assert take_run_folder(home) == folder
        assert sorted(path.name for path in folder.iterdir()) == ["node.sock", "note.txt"]
    (folder / "note.txt").unlink()
    take_run_folder(home)
    leave_run_folder(home)
    assert list(short.iterdir()) == []


def test_one_that_the_table_lacks_stays_when_it_answers(
    home: Path, short: Path, tmp_path: Path
) -> None:
    folder = take_run_folder(home)
    empty = tmp_path / "unix"
    empty.write_text("Num RefCount Protocol Flags Type St Inode Path\n")
    with listening(folder / "node.sock"):
        take_run_folder(home, bound=empty)
        assert (folder / "node.sock").exists()


def test_a_folder_of_an_earlier_temporary_folder_goes_too(
    home: Path, short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "c"):
        (short / name).mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short / "a"))
    first = take_run_folder(home)
    node = listening(first / "node.sock")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short / "b"))
    second = take_run_folder(home)
    assert first.exists(), "a node lives there"
    node.close()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short / "c"))
    third = take_run_folder(home)
    assert not first.exists()
    assert not second.exists()
    assert (home / NOTE).read_text() == f"{third}\n"
    assert stat.S_IMODE((home / NOTE).stat().st_mode) == 0o600


def test_what_is_noted_and_not_this_homes_is_left_alone(home: Path, short: Path) -> None:
    folder = take_run_folder(home)
    strange = short / "another"
    strange.mkdir(mode=0o700)
    listening(strange / "x.sock").close()
    opened = short / "open" / folder.name
    opened.mkdir(parents=True)
    os.chmod(opened, 0o755)
    (home / NOTE).write_text(f"{strange}\n{opened}\n{short}/gone/{folder.name}\n")
    take_run_folder(home)
    assert (strange / "x.sock").exists()
    assert opened.exists()


def test_the_next_service_of_the_home_does_it(fake_service: ServiceProcess, aml_home: Path) -> None:
    folder = run_folder(aml_home)
    fake_service.kill()
    listening(folder / "node.sock").close()
    fake_service.start()
    assert not (folder / "node.sock").exists()
    fake_service.terminate()
    assert not folder.exists()
