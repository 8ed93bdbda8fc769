"""A nursery of an earlier service, which was killed: it too is gone when everything has ended."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_aml.service.backends.local.nodes import links, processes
from jupyter_aml.service.backends.local.nodes.links import Nursery

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Unix sockets")

# Says whom to wait for, hangs up, and takes its time until its stdin is closed.
_SLOW = """
import json, os, socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
print(flush=True)
peer, _ = listener.accept()
assert json.loads(peer.recv(100)) == {"op": "leave"}
peer.sendall(json.dumps({"op": "leave", "pid": os.getpid()}).encode() + b"\\n")
peer.close()
sys.stdin.read()
"""


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    with tempfile.TemporaryDirectory(prefix="n") as short:  # a socket's path ends near 107 bytes
        yield Nursery(Path(short), Path(short) / "logs")


@pytest.fixture
def slow(nursery: Nursery) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", _SLOW, str(nursery._socket)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as made:
        try:
            assert made.stdout is not None
            assert made.stdout.readline()  # it listens
            yield made
        finally:
            made.kill()


async def test_it_is_waited_for(nursery: Nursery, slow: subprocess.Popen[bytes]) -> None:
    created = processes.created(slow.pid)
    ending = asyncio.ensure_future(_end(nursery))
    await asyncio.wait([ending], timeout=0.3)
    assert not ending.done()
    assert slow.stdin is not None
    slow.stdin.close()
    await ending
    assert not processes.alive(slow.pid, created)


async def test_one_that_does_not_end_is_killed(
    nursery: Nursery, slow: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    created = processes.created(slow.pid)
    monkeypatch.setattr(links, "_END_SECONDS", 0.5)
    await _end(nursery)
    assert not processes.alive(slow.pid, created)


async def test_where_there_is_none_nothing_is_waited_for(nursery: Nursery) -> None:
    await asyncio.wait_for(_end(nursery), 30)


async def _end(nursery: Nursery) -> None:
    await nursery.end()
    nursery.close()
