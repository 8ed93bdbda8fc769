"""The suite of kinds against OpenSSH itself, on loopback. Skipped, loudly, where sshd is not."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_aml.model.errors import Unavailable
from jupyter_aml.service.attached import registry
from jupyter_aml.testing.attached_suite import AttachedComputeSuite, MakeMachine
from jupyter_aml.testing.waiting import eventually_sync

SSHD = shutil.which("sshd", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"]))

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        SSHD is None or shutil.which("ssh") is None,
        reason="NOT TESTED: no sshd here, so the kind ssh met the fake program alone. "
        "Debian: apt install openssh-server",
    ),
]

_TRIES = 5
"""Of a port that was free a moment ago."""


def _port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _key(path: Path) -> str:
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)]
    subprocess.run(command, check=True)
    return path.with_suffix(".pub").read_text()


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int]]:
    """The folder of its configuration, and its port."""
    folder = tmp_path_factory.mktemp("sshd")
    host_key = _key(folder / "host")
    (folder / "authorized").write_text(_key(folder / "key"))
    os.makedirs("/run/sshd", exist_ok=True) if os.geteuid() == 0 else None
    started = (_started(folder, _port()) for _ in range(_TRIES))
    server, port = next(one for one in started if one is not None)
    (folder / "known").write_text(f"[127.0.0.1]:{port} {host_key}")
    try:
        yield folder, port
    finally:
        server.terminate()
        server.wait(30)


def _started(folder: Path, port: int) -> tuple[subprocess.Popen[bytes], int] | None:
    """The server, or None where somebody else took the port meanwhile."""
    (folder / "config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nPidFile none\n"
        f"AuthorizedKeysFile {folder}/authorized\nStrictModes no\nUsePAM no\n"
        "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPrintMotd no\n"
        # However slow the machine, nobody who logs in is hung up on.
        "MaxStartups 200:30:400\nLoginGraceTime 0\n"
    )
    assert SSHD is not None
    # Paths are whole: it starts itself again for each connection.
    server = subprocess.Popen([SSHD, "-D", "-f", str(folder / "config"), "-E", f"{folder}/log"])
    eventually_sync(lambda: _answers(port) or server.poll() is not None)
    return (server, port) if server.poll() is None else None


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as one:
            return one.recv(4) == b"SSH-"
    except OSError:
        return False


class TestRealSsh(AttachedComputeSuite):
    @pytest.fixture
    def make(
        self, sshd: tuple[Path, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> MakeMachine:
        """`ssh` has no option for known hosts of ours: it is asked as a person's own would be."""
        folder, port = sshd
        _own_ssh(tmp_path, monkeypatch, f"-o UserKnownHostsFile={folder}/known")
        config = {
            "host": "127.0.0.1",
            "port": port,
            "user": getpass.getuser(),
            "identity_file": str(folder / "key"),
            "root": str(tmp_path / "jobs of mine"),
        }
        return lambda: registry.make("ssh", config)

    async def test_a_host_that_was_never_confirmed_is_refused(
        self, sshd: tuple[Path, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder, port = sshd
        _own_ssh(tmp_path, monkeypatch, "-o UserKnownHostsFile=/dev/null")
        config = {"host": "127.0.0.1", "port": port, "identity_file": str(folder / "key")}
        machine = registry.make("ssh", config)
        with pytest.raises(Unavailable, match="not known yet"):
            await machine.check()
        await machine.close()

    async def test_a_key_that_opens_nothing_is_said(
        self, sshd: tuple[Path, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder, port = sshd
        _own_ssh(tmp_path, monkeypatch, f"-o UserKnownHostsFile={folder}/known")
        _key(tmp_path / "other")
        config = {"host": "127.0.0.1", "port": port, "identity_file": str(tmp_path / "other")}
        machine = registry.make("ssh", config)
        with pytest.raises(Unavailable, match="did not accept the login"):
            await machine.check()
        await machine.close()


def _own_ssh(folder: Path, monkeypatch: pytest.MonkeyPatch, options: str) -> None:
    """The real program with `options` before ours, and no configuration of who runs the tests."""
    program = shutil.which("ssh")
    own = folder / "own-ssh"
    own.mkdir(exist_ok=True)
    (own / "ssh").write_text(f'#!/bin/sh\nexec {program} -F /dev/null {options} "$@"\n')
    (own / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", str(own), prepend=os.pathsep)
