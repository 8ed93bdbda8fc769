"""The service is killed again and again while a job prints: not a byte is lost or doubled."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jupyter_aml.service.clock import SystemClock
from jupyter_aml.service.joblog import JobLogs
from jupyter_aml.testing.waiting import eventually_sync

SERVICE = """
import asyncio, sys
from pathlib import Path
from jupyter_aml.service.clock import SystemClock
from jupyter_aml.service.joblog import JobLogs

async def main():
    log = JobLogs(clock=SystemClock()).open("maple_river", Path(sys.argv[1]))
    log.attach(1, 0)
    async for batch in log.follow(log.last_seq):
        sys.stdout.buffer.write(batch)
        sys.stdout.buffer.flush()

asyncio.run(main())
"""

# Prints with and without a line end, a plot now and then, and characters of every length.
JOB = """
import json, os, random, sys, time
chance = random.Random(int(sys.argv[2]))
folder = sys.argv[1]
flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
out, frames = (os.open(f"{folder}/{name}.0", flags) for name in ("stdout", "frames"))
for number in range(int(sys.argv[3])):
    os.write(out, f"{number} \\u00e4\\u20ac\\U0001f600".encode() + b"\\n" * chance.randint(0, 2))
    if number % 50 == 0:
        frame = {"k": "display_data", "so": os.fstat(out).st_size, "se": 0,
                 "data": {"text/plain": str(number)}, "metadata": {}}
        os.write(frames, json.dumps(frame).encode() + b"\\n")
    if chance.random() < 0.02:
        time.sleep(0.005)
"""

LINES = 8000


@pytest.mark.chaos
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_killing_the_service_loses_and_doubles_nothing(tmp_path: Path, seed: int) -> None:
    (tmp_path / "1").mkdir()
    chance = random.Random(seed)
    arguments = [str(tmp_path / "1"), str(seed), str(LINES)]
    job = subprocess.Popen([sys.executable, "-c", JOB, *arguments])
    seen: list[bytes] = []
    while job.poll() is None:
        service = subprocess.Popen(
            [sys.executable, "-c", SERVICE, str(tmp_path)], stdout=subprocess.PIPE
        )
        assert service.stdout is not None
        eventually_sync(lambda: (tmp_path / "events.log").exists() or job.poll() is not None)
        time.sleep(chance.random() * 0.4)  # killed at another moment each time
        service.kill()
        seen.append(service.stdout.read())
        service.stdout.close()
        service.wait()
    asyncio.run(_check(tmp_path, seen))


async def _check(folder: Path, seen: list[bytes]) -> None:
    logs = JobLogs(clock=SystemClock())
    log = logs.open("maple_river", folder)
    await log.drain(1, 0)
    log.append("status", status="Completed")
    lines = b"".join([batch async for batch in log.follow(0)]).splitlines()
    events = [json.loads(line) for line in lines]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    text = "".join(event["text"] for event in events if event["kind"] == "stdout")
    assert text.encode() == (folder / "1" / "stdout.0").read_bytes()
    plots = [e["data"]["text/plain"] for e in events if e["kind"] == "display_data"]
    assert plots == [str(number) for number in range(0, LINES, 50)]
    # what any service told before it died is what the log says now
    for output in seen:
        whole = output[: output.rfind(b"\n") + 1].splitlines()
        for line in whole:
            assert line in (b"{}", lines[json.loads(line).get("seq", 0) - 1])
    logs.close()
