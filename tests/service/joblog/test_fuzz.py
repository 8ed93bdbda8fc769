"""Byte-exact whatever happens: random writes, looks, restarts and torn logs."""

from __future__ import annotations

import asyncio
import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_aml.service.joblog import JobLog, JobLogs
from jupyter_aml.service.joblog.lines import parse_line
from jupyter_aml.testing.clock import FakeClock
from tests.service.joblog.hands import HandWatcher, Writer

# Pieces of characters, whole ones, what is no UTF-8 at all, line ends and nothing.
PIECES = st.one_of(
    st.sampled_from(
        [b"\xe2", b"\x82", b"\xac", b"\xf0\x9f", b"\x98\x80", b"\xff", b"\xc3", b"\r", b"\n", b"a"]
    ),
    st.text(max_size=20).map(str.encode),
    st.binary(max_size=20),
    st.integers(1, 5).map(lambda n: b"long line \xe2\x82\xac\n" * (n * 3000)),
)

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.sampled_from(["stdout", "stderr"]), PIECES),
        st.tuples(st.just("frame"), st.text(max_size=10)),
        st.tuples(st.just("mark")),
        st.tuples(st.just("own"), st.text(max_size=10)),
        st.tuples(st.just("look")),
        st.tuples(st.just("wait"), st.sampled_from([0.001, 0.02, 0.3])),
        st.tuples(st.just("restart")),
        st.tuples(st.just("kill"), st.floats(0, 1)),
        st.tuples(st.just("follow"), st.floats(0, 1)),
    ),
    max_size=40,
)


@dataclass
class Run:
    """A job and the services that came and went while it ran."""

    folder: Path
    clock: FakeClock = field(default_factory=FakeClock)
    written: dict[str, bytearray] = field(
        default_factory=lambda: {"stdout": bytearray(), "stderr": bytearray()}
    )
    frames: list[tuple[str, int, int]] = field(default_factory=list)
    own: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.job = Writer(self.folder)
        self.start()

    def start(self) -> None:
        """A service, new or the next one after a kill -9: the old one is not told."""
        self.watcher = HandWatcher()
        self.logs = JobLogs(clock=self.clock, watcher=self.watcher)
        self.log: JobLog = self.logs.open("maple_river", self.folder)
        self.log.attach(1, 0)

    async def step(self, kind: str, *arguments: Any) -> None:
        match kind, arguments:
            case "write", (stream, data):
                self.job.write(stream, data)
                self.written[stream] += data
            case "frame", (text,):
                sizes = len(self.written["stdout"]), len(self.written["stderr"])
                self.frames.append((text, *sizes))
                self.job.frame("display_data", data={"text/plain": text}, metadata={})
            case "mark", ():
                self.job.frame("mark")
            case "own", (text,):
                self.own.append(text)
                self.log.append("notice", text=text)
            case "look", ():
                self.watcher.changed()
            case "wait", (seconds,):
                self.clock.advance(seconds)
            case "restart", ():
                self.logs.close()
                self.start()
            case "kill", (fraction,):
                self.kill(fraction)
            case "follow", (fraction,):
                await self.follow(int(fraction * self.log.last_seq))

    def kill(self, fraction: float) -> None:
        """The service dies in the middle of its next write to the log."""
        path = self.folder / "events.log"
        before = path.stat().st_size if path.exists() else 0
        self.log._look_everywhere()
        after = path.stat().st_size if path.exists() else 0
        if after > before:
            with path.open("r+b") as file:
                file.truncate(before + int((after - before) * fraction))
        self.log.close()
        self.start()

    async def follow(self, after: int) -> list[Any]:
        batches = [batch async for batch in self.log.follow(after, wait=False)]
        assert b"" not in batches
        events = [json.loads(line) for line in b"".join(batches).splitlines()]
        assert [event["seq"] for event in events] == list(range(after + 1, self.log.last_seq + 1))
        return events

    async def finish(self) -> None:
        await self.log.drain(1, 0)
        self.log.append("status", status="Completed")

    async def check(self) -> None:
        live = await self.follow(0)
        self.start()
        events = await self.follow(0)
        assert events == live, "what was sent is what is on disk"
        for stream, data in self.written.items():
            shown = "".join(event["text"] for event in events if event["kind"] == stream)
            assert shown == data.decode("utf-8", "replace")
        shown_frames = [e["data"]["text/plain"] for e in events if e["kind"] == "display_data"]
        assert shown_frames == [text for text, _, _ in self.frames]
        assert [e.get("text", "") for e in events if e["kind"] == "notice"] == self.own
        self.check_order()
        self.logs.close()

    def check_order(self) -> None:
        """Of each stream, a frame comes after what it saw of it and before the rest."""
        shown = {"stdout": 0, "stderr": 0}
        frames = iter(self.frames)
        for raw in (self.folder / "events.log").read_bytes().splitlines():
            line = parse_line(raw)
            if line.kind in shown:
                assert line.o == shown[line.kind]
                shown[line.kind] = line.o + line.n
            elif line.kind == "display_data":
                _, so, se = next(frames)
                # the beginning of a character (up to three bytes) waits for its rest
                assert so - 3 <= shown["stdout"] <= so
                assert se - 3 <= shown["stderr"] <= se


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_no_byte_is_lost_doubled_or_out_of_order(steps: list[tuple[Any, ...]]) -> None:
    async def scenario(folder: Path) -> None:
        run = Run(folder)
        for step in steps:
            await run.step(*step)
        await run.finish()
        await run.check()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(scenario(Path(folder)))
