"""A build's log: on disk before it is told, the same for every reader."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from jupyter_aml.model.environment import BuildLine
from jupyter_aml.service.environments import build_log
from jupyter_aml.service.environments.build_log import BuildLog, present
from jupyter_aml.testing.clock import FakeClock


def lines(blocks: list[bytes]) -> list[str]:
    whole = b"".join(blocks).splitlines()
    return [msgspec.json.decode(line, type=BuildLine).text for line in whole if line != b"{}"]


async def test_a_follower_gets_what_there_is_and_what_comes(tmp_path: Path) -> None:
    log = BuildLog(tmp_path / "logs" / "x.log", FakeClock())
    log.write("one")
    follow = log.follow(0)
    assert lines([await anext(follow)]) == ["one"]
    waiting = asyncio.ensure_future(anext(follow))
    await asyncio.sleep(0)
    log.write("two")
    assert lines([await waiting]) == ["two"]
    log.close()
    assert [block async for block in follow] == []


async def test_a_late_reader_starts_where_it_left_off(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    log = BuildLog(path, FakeClock())
    for text in ("one", "", "two", "three"):
        log.write(text)
    log.close()
    assert lines([block async for block in log.follow(1)]) == ["two", "three"]
    assert lines([block async for block in present(path, 0)]) == ["one", "two", "three"]
    assert [block async for block in present(tmp_path / "none", 0)] == []


async def test_silence_is_not_taken_for_death(tmp_path: Path) -> None:
    clock = FakeClock()
    log = BuildLog(tmp_path / "x.log", clock)
    waiting = asyncio.ensure_future(anext(log.follow(0)))
    await asyncio.sleep(0)
    await clock.pass_time(build_log.HEARTBEAT_SECONDS)
    assert await waiting == b"{}\n"
    log.close()


async def test_a_log_without_end_is_cut_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_log, "LIMIT_BYTES", 1000)
    path = tmp_path / "x.log"
    log = BuildLog(path, FakeClock())
    for _ in range(100):
        log.write("y" * 50)
    log.write("The end.", always=True)
    log.close()
    shown = lines([block async for block in present(path, 0)])
    assert path.stat().st_size < 2000
    assert "left out" in shown[-2]
    assert shown[-1] == "The end."
    assert log.tail[-2] == "y" * 50


async def test_passwords_are_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    log = BuildLog(path, FakeClock())
    log.write("Looking in indexes: https://me:secret@host.invalid/simple")
    log.close()
    assert b"secret" not in path.read_bytes()
    assert "secret" not in log.tail[0]
