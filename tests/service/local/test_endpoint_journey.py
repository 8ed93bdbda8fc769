"""The whole way with real processes: deploy, ask, kill -9, adopt, switch under load, roll back."""

from __future__ import annotations

import http.client
import json
import operator
import pickle
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from jupyter_aml.client import Client, connect
from jupyter_aml.model.endpoint import (
    CreateOnlineDeployment,
    CreateOnlineEndpoint,
    OnlineDeployment,
    RequestSettings,
    RolloutRule,
    StartRollout,
    UpdateOnlineEndpoint,
)
from jupyter_aml.model.errors import NotFound
from jupyter_aml.model.registry import CreateModel
from jupyter_aml.testing.service import ServiceProcess
from jupyter_aml.testing.waiting import eventually_sync

pytestmark = pytest.mark.slow
PATIENCE = 60.0
MANY = RequestSettings(max_concurrent_requests_per_instance=8, request_timeout=30)


class Caller:
    """Any HTTP client, with the key."""

    def __init__(self, uri: str, key: str) -> None:
        self._where = urlsplit(uri)
        self._key = key

    def ask(self, body: object, *, key: str | None = None) -> tuple[int, object]:
        connection = http.client.HTTPConnection(self._where.netloc, timeout=PATIENCE)
        try:
            bearer = self._key if key is None else key
            headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
            connection.request("POST", self._where.path, json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    @contextmanager
    def load(self, threads: int = 4) -> Iterator[list[tuple[int, object]]]:
        """Ask all the time; what was answered so far."""
        answers: list[tuple[int, object]] = []
        over = threading.Event()

        def run() -> None:
            while not over.is_set():
                try:
                    answers.append(self.ask([1, 2, 3]))
                except (OSError, http.client.HTTPException) as error:
                    answers.append((0, repr(error)))

        callers = [threading.Thread(target=run) for _ in range(threads)]
        for caller in callers:
            caller.start()
        try:
            yield answers
        finally:
            over.set()
            for caller in callers:
                caller.join()


def register(client: Client, folder: Path, name: str, value: object) -> str:
    where = folder / name
    where.mkdir()
    (where / "model.pkl").write_bytes(pickle.dumps(value))
    body = CreateModel(
        name=name, path=str(where), flavors={"python_object": {}}, python=sys.executable
    )
    return client.models.create(body).reference


def deploy(client: Client, name: str, model: str) -> OnlineDeployment:
    """Returns when it answers."""
    body = CreateOnlineDeployment(
        name=name, endpoint_name="digits", model=model, request_settings=MANY
    )
    client.online_deployments.create(body)

    def settled() -> OnlineDeployment | None:
        found = client.online_deployments.get("digits", name)
        return found if found.state in ("Succeeded", "Failed") else None

    found = eventually_sync(settled, seconds=PATIENCE)
    assert found is not None
    assert found.state == "Succeeded", found.error
    return found


def route(client: Client, **traffic: int) -> None:
    client.online_endpoints.update("digits", UpdateOnlineEndpoint(traffic=traffic))


def test_from_a_model_to_an_endpoint_that_stays_up(
    aml_service: ServiceProcess, client: Client, tmp_path: Path
) -> None:
    client.online_endpoints.create(CreateOnlineEndpoint(name="digits"))
    blue = deploy(client, "blue", register(client, tmp_path, "sum", sum))
    assert "def run" in blue.scoring_code
    route(client, blue=100)
    endpoint = client.online_endpoints.get("digits")
    caller = Caller(endpoint.scoring_uri, client.online_endpoints.keys("digits").primary_key)
    assert caller.ask([1, 2, 3]) == (200, 6)
    assert caller.ask([1, 2, 3], key="wrong")[0] == 401
    assert client.online_endpoints.invoke("digits", [4, 5]).value == 9

    # The service is killed: the endpoint goes on, and the next service takes it up as it is.
    aml_service.kill()
    assert caller.ask([1, 2, 3]) == (200, 6)
    aml_service.start()
    client.close()
    client = connect(home=aml_service.home, start=False)
    adopted = client.online_deployments.get("digits", "blue")
    assert [one.pid for one in adopted.instances] == [one.pid for one in blue.instances]
    assert client.online_endpoints.get("digits").scoring_uri == endpoint.scoring_uri
    assert caller.ask([1, 2, 3]) == (200, 6)

    # From blue to green while requests come all the time.
    with caller.load() as answers:
        deploy(client, "green", register(client, tmp_path, "max", max))
        before = len(answers)
        eventually_sync(lambda: len(answers) > before + 20, seconds=PATIENCE)
        route(client, green=100)
        client.online_deployments.delete("digits", "blue")
        eventually_sync(
            lambda: client.online_endpoints.get("digits").deployments == ["green"],
            seconds=PATIENCE,
        )
        switched = len(answers)
        eventually_sync(lambda: len(answers) > switched + 20, seconds=PATIENCE)
    assert set(answers) == {(200, 6), (200, 3)}
    assert answers[-1] == (200, 3)

    # A deployment that errs is rolled back by itself.
    deploy(client, "red", register(client, tmp_path, "broken", operator.itemgetter("nothing")))
    rule = RolloutRule(min_requests=5, window=30)
    with caller.load():
        body = StartRollout(deployment="red", steps=[30, 100], seconds_per_step=60, rule=rule)
        client.online_endpoints.rollout("digits", body)

        def rolled_back() -> bool:
            rollout = client.online_endpoints.get("digits").rollout
            return rollout is not None and rollout.state == "RolledBack"

        eventually_sync(rolled_back, seconds=PATIENCE)
    ended = client.online_endpoints.get("digits")
    assert ended.traffic == {"green": 100}
    assert ended.rollout is not None
    assert "requests failed" in ended.rollout.reason

    def only_green_answers() -> bool:
        return all(caller.ask([1, 2, 3]) == (200, 3) for _ in range(20))

    eventually_sync(only_green_answers, seconds=PATIENCE)  # the router is told after the disk

    # An instance that is killed is replaced, and nothing but it is missing meanwhile.
    (victim,) = client.online_deployments.get("digits", "green").instances
    psutil.Process(victim.pid).kill()

    def replaced() -> bool:
        found = client.online_deployments.get("digits", "green").instances
        return [one.state for one in found] == ["Ready"] and found[0].pid != victim.pid

    eventually_sync(replaced, seconds=PATIENCE)
    assert caller.ask([1, 2, 3]) == (200, 3)

    client.online_endpoints.delete("digits")

    def gone() -> bool:
        try:
            client.online_endpoints.get("digits")
        except NotFound:
            return True
        return False

    eventually_sync(gone, seconds=PATIENCE)
    assert not list((aml_service.home / "endpoints").iterdir())
    assert client.service.status().running["endpoints"] == 0
    client.close()


def test_a_model_that_does_not_load_says_its_own_line(client: Client, tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.mkdir()
    (code / "score.py").write_text(
        "def init():\n    raise KeyError('coef')\n\ndef run(data): ...\n"
    )
    reference = register(client, tmp_path, "sum", sum)
    client.online_endpoints.create(CreateOnlineEndpoint(name="digits"))
    body = CreateOnlineDeployment(
        name="blue",
        endpoint_name="digits",
        model=reference,
        code=str(code),
        scoring_script="score.py",
    )
    client.online_deployments.create(body)

    def failed() -> bool:
        return client.online_deployments.get("digits", "blue").state == "Failed"

    eventually_sync(failed, seconds=PATIENCE)
    error = client.online_deployments.get("digits", "blue").error
    assert error is not None
    assert "line 2" in error.target
    assert "coef" in error.message
    assert any("score.py" in line for line in error.details)
    client.online_endpoints.delete("digits")
