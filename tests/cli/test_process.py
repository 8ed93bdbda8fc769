"""The console script as a process of its own: what only a real one can show."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

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


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_ctrl_c_ends_with_130_and_no_traceback(home: Path) -> None:
    # A file that never gets its content: the command waits for standard input.
    read, write = os.pipe()
    process = subprocess.Popen(
        [*SCRIPT, "job", "create", "-f", "-"],
        stdin=read,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # So that the test sees when it waits: unbuffered, traced by its first read.
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        _until_it_reads(process.pid, read)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        os.close(read)
        os.close(write)
    assert (process.returncode, out, err) == (130, b"", b"")
    assert not home.exists()


def _until_it_reads(pid: int, pipe: int) -> None:
    """Wait until process `pid` sleeps in a read of `pipe`, its standard input."""
    import time

    deadline = time.monotonic() + 30
    waiting = Path(f"/proc/{pid}/wchan")
    if not waiting.exists():
        pytest.skip("this system does not tell what a process waits for")
    while "pipe" not in waiting.read_text():
        assert time.monotonic() < deadline, "the command never read its standard input"
        time.sleep(0.02)
