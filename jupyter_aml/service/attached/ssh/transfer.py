"""Files to and from an SSH machine: a tar stream through an ``ssh`` of its own. All of it blocks.

The conversation with the agent stays quick meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from jupyter_aml.model.errors import Unavailable
from jupyter_aml.service.attached.ssh import trouble
from jupyter_aml.service.attached.ssh.channel import script
from jupyter_aml.service.attached.ssh.config import SshConfig

_COMPLETE = ".complete"
"""The last member of every tar, see `agent.COMPLETE`."""
_HELLO = b"jupyter-aml "


class Transfers:
    """To and from one machine. `close` ends those under way, from any thread."""

    def __init__(self, config: SshConfig) -> None:
        self._config = config
        self._under_way: set[subprocess.Popen[bytes]] = set()
        self._closed = False

    def send(self, job: str, files: Mapping[str, Path]) -> None:
        """Make the job's folder there. Raises `Unavailable` if it did not come to that."""
        with self._ssh("unpack", job) as (process, stdin, stdout):
            with tarfile.open(fileobj=stdin, mode="w|", dereference=True) as tar:
                for inner, path in files.items():
                    tar.add(path, inner, filter=_only_files)
                tar.addfile(tarfile.TarInfo(_COMPLETE))
            stdin.close()
            if not stdout.readline().startswith(b"unpacked"):
                raise OSError
            process.wait()

    def fetch(self, job: str, names: Sequence[str], into: Path) -> None:
        """Copy what there is of `names`. What was half received is received again next time."""
        with self._ssh("pack", job, *names) as (process, _, stdout):
            is_complete = False
            with tarfile.open(fileobj=stdout, mode="r|") as tar:
                for member in tar:
                    is_complete = member.name == _COMPLETE
                    if not is_complete:
                        _take(tar, member, into)
            if not is_complete:
                raise OSError
            process.wait()

    def close(self) -> None:
        self._closed = True
        for process in list(self._under_way):
            process.kill()

    @contextmanager
    def _ssh(
        self, verb: str, *arguments: str
    ) -> Generator[tuple[subprocess.Popen[bytes], IO[bytes], IO[bytes]]]:
        """The agent of the machine, doing `verb`; the caller reads and writes its streams."""
        with tempfile.TemporaryFile() as said:
            process = self._started(script(self._config, verb, *arguments), said)
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                self._greet(process.stdout)
                yield process, process.stdin, process.stdout
            except (OSError, EOFError, tarfile.TarError) as error:
                if isinstance(error, OSError) and error.errno is not None and _is_ours(error):
                    raise
                said.seek(0)
                words = said.read(8192).decode("utf-8", "replace")
                raise trouble.of_connection(self._config, words) from error
            finally:
                self._under_way.discard(process)
                process.kill()
                with contextlib.suppress(OSError):
                    process.stdin.close()
                process.stdout.close()
                process.wait()

    def _started(self, script_: str, said: IO[bytes]) -> subprocess.Popen[bytes]:
        if self._closed:
            raise Unavailable(f"{self._config.address} is being let go.", target="host")
        try:
            process = subprocess.Popen(
                self._config.command(script_),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                start_new_session=True,
            )
        except FileNotFoundError:
            raise trouble.without_ssh() from None
        self._under_way.add(process)
        return process

    def _greet(self, stdout: IO[bytes]) -> None:
        """Read past what a login prints. The agent is there: `check` or `start` brought it."""
        while not (line := stdout.readline()).startswith(_HELLO):
            if not line:
                raise EOFError
        if not line.startswith(_HELLO + b"have"):
            raise EOFError


def _is_ours(error: OSError) -> bool:
    """Whether a file of this machine was the trouble: the pipe to the other is no file."""
    return error.filename is not None


def _only_files(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Files and folders travel; nobody there is told who owns them here."""
    if not (member.isfile() or member.isdir()):
        return None
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def _take(tar: tarfile.TarFile, member: tarfile.TarInfo, into: Path) -> None:
    """One file, folder or link of a machine that may lie: nothing is written outside of `into`."""
    base = into.resolve()
    goal = Path(os.path.normpath(base / member.name))
    if not goal.parent.resolve().is_relative_to(base) or goal == base:
        return
    if member.isdir():
        if not goal.is_symlink():
            goal.mkdir(mode=0o700, parents=True, exist_ok=True)
        return
    goal.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if member.issym() and not _stays(goal, member.linkname, base):
        return
    if goal.is_symlink() or goal.is_file():
        goal.unlink()
    if member.issym():
        goal.symlink_to(member.linkname)
    elif source := tar.extractfile(member):
        with goal.open("xb") as stream:
            shutil.copyfileobj(source, stream)
        goal.chmod(0o700 if member.mode & 0o100 else 0o600)


def _stays(link: Path, target: str, base: Path) -> bool:
    """Whether a link leads to somewhere inside of `base`."""
    inside = os.path.normpath(link.parent / target)
    return not os.path.isabs(target) and Path(inside).is_relative_to(base)
