"""The folder of sockets: short, private, and nobody else's."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from jupyter_aml.model.errors import Forbidden
from jupyter_aml.service.folders import leave_run_folder, run_folder


@pytest.fixture
def parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path


def test_it_is_short_private_and_the_homes_own(parent: Path) -> None:
    one, same, other = (run_folder(Path(home)) for home in ("/a", "/a", "/b"))
    assert one == same != other
    assert one.parent == parent
    assert len(one.name) <= 24
    assert stat.S_IMODE(one.stat().st_mode) == 0o700


def test_it_is_left_only_when_nothing_is_in_it(parent: Path) -> None:
    home = Path("/a")
    socket = run_folder(home) / "node.sock"
    socket.touch()
    leave_run_folder(home)
    assert socket.exists()
    socket.unlink()
    leave_run_folder(home)
    leave_run_folder(home)
    assert not any(parent.iterdir())


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="POSIX permissions")
@pytest.mark.parametrize("trap", ["open to others", "a link", "a file"])
def test_what_somebody_else_may_have_put_there_is_refused(parent: Path, trap: str) -> None:
    folder = run_folder(Path("/a"))
    folder.rmdir()
    if trap == "open to others":
        folder.mkdir(mode=0o755)
    elif trap == "a link":
        folder.symlink_to(parent)
    else:
        folder.write_text("")
    with pytest.raises(Forbidden):
        run_folder(Path("/a"))
