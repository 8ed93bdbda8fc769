"""The whole way: Jupyter Server, the real service, a real job, its events in a WebSocket."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.client import discovery

pytestmark = pytest.mark.slow

JOB = {
    "name": "journey-1",
    "spec": {"type": "command", "command": "echo first; echo größer; exit 3"},
}


@pytest.fixture
async def server(jp_serverapp: Any, home: Path) -> AsyncIterator[Any]:
    """Jupyter Server over a home without a service; what it starts is ended."""
    yield jp_serverapp
    await asyncio.to_thread(discovery.stop, home, force=True)


async def fetch(jp_fetch: Any, path: str, **options: Any) -> Any:
    return json.loads((await ask(jp_fetch, path, **options)).body)


async def ask(jp_fetch: Any, path: str, **options: Any) -> Any:
    """The first request starts the service, which takes its time on a busy machine."""
    parts = ("jupyter-aml", "api", "v1", *path.split("/"))
    return await jp_fetch(*parts, request_timeout=90, **options)


async def lines(socket: Any) -> AsyncIterator[dict[str, Any]]:
    """The feed's lines until it closes."""
    while (message := await asyncio.wait_for(socket.read_message(), 60)) is not None:
        for line in message.splitlines():
            yield json.loads(line)


async def test_a_job_is_started_followed_and_told_through_jupyter_server(
    server: Any, jp_fetch: Any, jp_ws_fetch: Any, home: Path
) -> None:
    assert json.loads((await jp_fetch("jupyter-aml", "status")).body)["state"] == "stopped"
    assert not (home / "service.json").exists()

    computes = await fetch(jp_fetch, "compute")  # starts the service
    assert [compute["spec"]["name"] for compute in computes["value"]] == ["local"]
    assert json.loads((await jp_fetch("jupyter-aml", "status")).body)["state"] == "running"

    socket = await jp_ws_fetch("jupyter-aml", "feed")
    # Only then is it open, and every change of the job comes.
    assert json.loads((await socket.read_message()).splitlines()[0])["type"] == "hello"
    job = await fetch(jp_fetch, "jobs", method="POST", body=json.dumps(JOB))
    await socket.write_message(json.dumps({"follow": {"job": job["name"], "after": 0}}))
    seen: list[dict[str, Any]] = []
    changed: set[str] = set()
    async for line in lines(socket):
        if line["type"] == "change":
            changed.add(line["name"])
        if line["type"] == "events":
            seen += line["events"]
        if line["type"] == "end":
            break
    socket.close()
    assert job["name"] in changed
    assert [event["seq"] for event in seen] == list(range(1, len(seen) + 1))
    written = "".join(event.get("text", "") for event in seen if event["kind"] == "stdout")
    assert written == "first\ngrößer\n"

    job = await fetch(jp_fetch, "jobs/journey-1")
    assert (job["status"], job["exitCode"]) == ("Failed", 3)
    events = await ask(jp_fetch, "jobs/journey-1/events")
    assert [json.loads(line)["seq"] for line in events.body.splitlines()] == [
        event["seq"] for event in seen
    ]


async def test_a_killed_service_is_started_again_by_the_next_request(
    server: Any, jp_fetch: Any, jp_ws_fetch: Any, home: Path
) -> None:
    await fetch(jp_fetch, "compute")
    socket = await jp_ws_fetch("jupyter-aml", "feed")
    # Only then is it this service's feed: a later one would be that of the next.
    assert json.loads((await socket.read_message()).splitlines()[0])["type"] == "hello"
    first = discovery.find(home)
    assert first is not None
    os.kill(first.pid, signal.SIGKILL)
    async for _ in lines(socket):
        pass
    assert socket.close_code in (4000, 4503)
    socket.close()
    await fetch(jp_fetch, "compute")
    second = discovery.find(home)
    assert second is not None
    assert second.pid != first.pid


async def test_errors_of_the_service_arrive_with_their_hint(server: Any, jp_fetch: Any) -> None:
    body = json.dumps({"spec": {**JOB["spec"], "compute": "nowhere"}})
    answer = await ask(jp_fetch, "jobs", method="POST", body=body, raise_error=False)
    error = json.loads(answer.body)["error"]
    assert (answer.code, error["code"]) == (404, "NotFound")
    assert "nowhere" in error["message"]
    assert error["hint"]
