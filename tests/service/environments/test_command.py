"""A program of a build: its lines as they come, and its end with everything it started."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import psutil
import pytest

from jupyter_aml.service.environments import command
from jupyter_aml.testing.leaks import is_gone
from jupyter_aml.testing.waiting import eventually


async def run(code: str, folder: Path, said: list[str]) -> int:
    return await command.run(
        [sys.executable, "-c", code], env=dict(os.environ), cwd=folder, on_line=said.append
    )


async def test_lines_are_told_without_colours_and_bars(tmp_path: Path) -> None:
    said: list[str] = []
    code = (
        "import sys; sys.stdout.write('one\\r\\ntwo 10%\\rtwo 90%\\n\\x1b[31mred\\x1b[0m\\n');"
        "sys.stdout.flush(); sys.stderr.write('no newline \\u00e9'); sys.exit(3)"
    )
    assert await run(code, tmp_path, said) == 3
    assert said[:4] == ["one", "two 10%", "two 90%", "red"]
    assert said[4].startswith("no newline")


async def test_a_line_without_end_is_cut(tmp_path: Path) -> None:
    said: list[str] = []
    assert await run("print('x' * 1_000_000)", tmp_path, said) == 0
    assert max(map(len, said)) <= 4000


@pytest.mark.skipif(sys.platform == "win32", reason="there are no process groups")
async def test_cancelling_ends_what_the_program_started(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    child = f"import os, time; open({str(told)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    code = (
        "import signal, subprocess, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"subprocess.run([sys.executable, '-c', {child!r}])"
    )
    task = asyncio.ensure_future(run(code, tmp_path, []))

    async def pid() -> int:
        return int(told.read_text() or 0) if told.exists() else 0

    found = psutil.Process(await eventually(pid))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    async def gone() -> bool:
        return is_gone(found)

    await eventually(gone)
