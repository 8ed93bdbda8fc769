"""The console script as a process of its own: what only a real one can show."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from jupyter_aml.testing.waiting import eventually_sync

if os.name == "posix":
    import fcntl
    import termios

SCRIPT = [sys.executable, "-m", "jupyter_aml.cli.main"]


def start(*words: str, **variables: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*SCRIPT, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **variables},
    )


def test_service_status_in_a_locale_without_utf8(home: Path) -> None:
    process = start("service", "status", "-o", "json", LC_ALL="C", PYTHONUTF8="0")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (4, b"")
    assert json.loads(out)["home"] == str(home)


def test_a_reader_that_goes_away_is_no_traceback() -> None:
    process = start("job", "create", "--help")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    with process.stderr:
        assert process.stderr.read() == b""
    assert process.wait(60) == 141


@pytest.fixture
def heeded() -> Iterator[None]:
    """Ctrl-C reaches a child also where the tests run in the background of a shell, which has it
    ignored: what is ignored stays so in children, what is handled does not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def is_waiting_for_more(process: subprocess.Popen[bytes], pipe: io.FileIO) -> bool:
    """Whether `process` has taken all there is in `pipe`, and sleeps until more comes.

    An interrupt a moment earlier, after Python looked for one and before the system waits, would
    be heeded only when the wait is over.
    """
    return (
        fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)) == bytes(4)
        and psutil.Process(process.pid).status() == psutil.STATUS_SLEEPING
    )


@pytest.mark.usefixtures("heeded")
@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_ctrl_c_ends_with_130_and_no_traceback(home: Path, tmp_path: Path) -> None:
    fifo = tmp_path / "job.yml"
    os.mkfifo(fifo)
    process = start("job", "create", "-f", str(fifo))
    with fifo.open("wb", buffering=0) as file:
        file.write(b"command: x\n")
        eventually_sync(lambda: is_waiting_for_more(process, file))
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, b"", b"")
    assert not home.exists()
