"""Load for a server: wrk where the machine has it, else connections of our own.

`measure` also reads what the server's processes used of the CPU meanwhile, so that a request has a
price that does not depend on what else the machine was doing. Standard library only.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from bench.driver import Figures
from bench.memory import descendants

SECONDS = 3
_WARM_SECONDS = 1
_TICKS = os.sysconf("SC_CLK_TCK")
_SCRIPT = """
wrk.method = "POST"
wrk.body = [==[%s]==]
%s
done = function(summary, latency, requests)
  local bad = summary.errors.status + summary.errors.connect + summary.errors.read
  io.write(string.format('\\n{"requests":%%d,"seconds":%%f,"bad":%%d,"p50":%%f,"p99":%%f}\\n',
    summary.requests, summary.duration / 1e6, bad, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3))
end
"""


def measure(
    url: str, body: str, headers: Mapping[str, str], connections: int, processes: Iterable[int]
) -> Figures:
    """Requests a second, and per CPU-second of the processes and everything below them.

    Raise RuntimeError if one in a hundred failed: a server that refuses is not fast.
    """
    load(url, body, headers, connections, _WARM_SECONDS)
    tree = sorted({pid for root in processes for pid in descendants(root)})
    before = _cpu_seconds(tree)
    found = load(url, body, headers, connections, SECONDS)
    spent = _cpu_seconds(tree) - before
    count = found["requests"]
    if not count or found["bad"] > count / 100:
        raise RuntimeError(f"{found['bad']:.0f} of {count:.0f} requests failed")
    return {
        "rps": count / found["seconds"],
        "req/CPU s": count / spent,
        "CPU us": spent / count * 1e6,
        "p50 ms": found["p50"],
        "p99 ms": found["p99"],
    }


def load(
    url: str, body: str, headers: Mapping[str, str], connections: int, seconds: float
) -> Figures:
    """From a process of its own: the load must not share a lock with what it measures."""
    if shutil.which("wrk") is None:
        print("no wrk on this machine: the load is our own, and slower", file=sys.stderr)
        order = json.dumps([url, body, dict(headers), connections, seconds])
        done = subprocess.run(
            [sys.executable, "-m", "bench.serving_load"], input=order, capture_output=True,
            text=True, check=True, env=os.environ | {"PYTHONPATH": str(Path.cwd())},
        )  # fmt: skip
        return json.loads(done.stdout)
    lines = "".join(f'wrk.headers["{name}"] = "{text}"\n' for name, text in headers.items())
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_SCRIPT % (body, lines))
        script.flush()
        done = subprocess.run(
            ["wrk", "-t1", f"-c{connections}", f"-d{int(seconds)}", "-s", script.name, url],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    return json.loads(done.stdout.strip().splitlines()[-1])


def _cpu_seconds(pids: Iterable[int]) -> float:
    ticks = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / _TICKS


class _Caller(asyncio.Protocol):
    """One connection: the next request when the answer is whole."""

    def __init__(self, request: bytes, times: list[float], bad: list[int]) -> None:
        self._request = request
        self._times = times
        self._bad = bad
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, end, body = self._data.partition(b"\r\n\r\n")
        if not end:
            return
        _, _, after = head.lower().partition(b"content-length:")
        if len(body) < int(after.partition(b"\r\n")[0]):
            return
        self._bad[0] += not head.startswith(b"HTTP/1.1 200")
        self._times.append(time.perf_counter() - self._at)
        self._data = b""
        self._ask()

    def _ask(self) -> None:
        self._at = time.perf_counter()
        self._transport.write(self._request)


async def _call(
    url: str, body: str, headers: Mapping[str, str], connections: int, seconds: float
) -> Figures:
    host, _, rest = url.removeprefix("http://").partition("/")
    name, _, port = host.partition(":")
    lines = "".join(f"{key}: {text}\r\n" for key, text in headers.items())
    first = f"POST /{rest} HTTP/1.1\r\nHost: {host}\r\n{lines}"
    request = f"{first}Content-Length: {len(body)}\r\n\r\n{body}".encode()
    times: list[float] = []
    bad = [0]
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    made = [
        await loop.create_connection(lambda: _Caller(request, times, bad), name, int(port))
        for _ in range(connections)
    ]
    await asyncio.sleep(seconds)
    for transport, _ in made:
        transport.abort()
    times.sort()
    at = [times[len(times) * part // 100] * 1e3 if times else 0.0 for part in (50, 99)]
    return {
        "requests": float(len(times)),
        "seconds": time.perf_counter() - started,
        "bad": float(bad[0]),
        "p50": at[0],
        "p99": at[1],
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_call(*json.load(sys.stdin)))))
