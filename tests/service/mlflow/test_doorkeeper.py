"""In front of MLflow's application: tokens, the job's run, and metrics for the job's followers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.service.mlflow.database import Database
from jupyter_aml.service.mlflow.doorkeeper import Doorkeeper, Message, Receive, Scope, Send
from jupyter_aml.service.mlflow.runs import JobRuns
from jupyter_aml.service.mlflow.token import Bearer, sign

SECRET = bytes(range(32))
BEARER = Bearer(job="maple_river", attempt=1, experiment="Default")
LOG = "/api/2.0/mlflow/runs/log-metric"
BATCH = "/api/2.0/mlflow/runs/log-batch"


class Runs(JobRuns):
    """Remembers whose runs were asked for."""

    def __init__(self) -> None:
        super().__init__(Database(Path("absent")))
        self.made: list[str] = []

    def make(self, bearer: Bearer) -> None:
        self.made.append(bearer.job)


class Application:
    """Answers `status`, and remembers what came."""

    def __init__(self) -> None:
        self.status = 200
        self.bodies: list[bytes] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.bodies.append(body)
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})


@pytest.fixture
def app() -> Application:
    return Application()


@pytest.fixture
def door(tmp_path: Path, app: Application) -> Doorkeeper:
    (tmp_path / "jobs" / "maple_river" / "1").mkdir(parents=True)
    return Doorkeeper(app, tmp_path, SECRET, Runs())


async def ask(door: Doorkeeper, path: str, body: object = None, token: str = "") -> int:
    given = token or sign(BEARER, SECRET)
    sent: list[Message] = []
    parts = [json.dumps(body).encode(), b""]

    async def receive() -> Message:
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"authorization", f"Bearer {given}".encode())]
    scope: dict[str, Any] = {"type": "http", "method": "POST", "path": path, "headers": headers}
    await door(scope, receive, send)
    return sent[0]["status"]


def frames(door: Doorkeeper) -> list[dict[str, Any]]:
    path = door.home / "jobs" / "maple_river" / "1" / "frames.0"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


async def test_without_a_token_nothing_gets_in(door: Doorkeeper, app: Application) -> None:
    assert await ask(door, LOG, token="wrong") == 401
    assert app.bodies == []


async def test_a_metric_reaches_mlflow_and_the_job(door: Doorkeeper, app: Application) -> None:
    body = {"run_id": "maple_river", "key": "loss", "value": 0.5, "step": 3, "timestamp": 1}
    assert await ask(door, LOG, body) == 200
    assert json.loads(app.bodies[0]) == body
    assert frames(door) == [{"k": "metric", "name": "loss", "value": 0.5, "step": 3}]


async def test_a_batch_is_many_and_what_is_no_number_is_none(door: Doorkeeper) -> None:
    metrics = [{"key": "a", "value": 1, "step": 0}, {"key": "b", "value": "NaN", "step": 1}]
    await ask(door, BATCH, {"run_id": "maple_river", "metrics": metrics})
    assert [(frame["name"], frame["value"]) for frame in frames(door)] == [("a", 1.0), ("b", None)]


@pytest.mark.parametrize(
    "body",
    [
        {"run_id": "a_child_run", "key": "loss", "value": 0.5},
        {"run_id": "maple_river", "params": [{"key": "a", "value": "b"}]},
        {"run_id": "maple_river", "key": "loss", "value": "much"},
        [],
        None,
    ],
)
async def test_what_is_no_metric_of_the_job_is_only_passed_on(
    door: Doorkeeper, app: Application, body: object
) -> None:
    assert await ask(door, LOG, body) == 200
    assert len(app.bodies) == 1
    assert frames(door) == []


async def test_what_mlflow_refuses_is_not_told(door: Doorkeeper, app: Application) -> None:
    app.status = 400
    assert await ask(door, LOG, {"run_id": "maple_river", "key": "a", "value": 1}) == 400
    assert frames(door) == []


async def test_a_job_that_has_ended_is_left_as_it_is(door: Doorkeeper) -> None:
    (door.home / "jobs" / "maple_river" / "1" / "exit.0").write_text("{}")
    assert await ask(door, LOG, {"run_id": "maple_river", "key": "a", "value": 1}) == 200
    assert frames(door) == []


async def test_a_session_s_cell_that_has_ended_is_left_as_it_is(door: Doorkeeper) -> None:
    """Its exit is in its last frame; what a thread of it reports comes too late."""
    place = door.home / "jobs" / "maple_river" / "1" / "frames.0"
    place.write_text('{"k":"display_data","data":{"text/plain":"%s"}}\n' % ("x" * 100_000))
    assert await ask(door, LOG, {"run_id": "maple_river", "key": "a", "value": 1}) == 200
    with place.open("a") as file:
        file.write('{"k":"done","status":"ok","exit":{"code":0}}\n')
    assert await ask(door, LOG, {"run_id": "maple_river", "key": "b", "value": 1}) == 200
    assert [frame.get("name") for frame in frames(door)[1:]] == ["a", None]
