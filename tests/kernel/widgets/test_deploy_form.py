"""The deploy form: its fields, what it refuses, the way of a deployment, its picture."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from jupyter_aml.grammar.parsing import parse_line
from jupyter_aml.kernel.widgets import DeployForm
from jupyter_aml.model.endpoint import (
    CreateOnlineDeployment,
    CreateOnlineEndpoint,
    OnlineDeployment,
    OnlineEndpoint,
)
from jupyter_aml.model.errors import Conflict, ErrorBody, Invalid
from jupyter_aml.model.registry import Model, ModelList
from tests.kernel.widgets.fake_client import change

URI = "http://127.0.0.1:5001/score"


def model(name: str, version: str) -> Model:
    return Model(
        name=name,
        version=version,
        type="custom_model",
        path="",
        local_path="",
        content="",
        bytes=1,
        files=1,
    )


class Endpoints:
    """What the form asks of the service, and what it asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.refusal: Conflict | None = None
        self.shared = threading.Event()
        self.is_serving = False
        """Whether another deployment of the endpoint has traffic."""
        self.now: OnlineDeployment | None = None

    def create(self, body: CreateOnlineEndpoint) -> OnlineEndpoint:
        self.asked.append(body)
        return OnlineEndpoint(name=body.name, state="Succeeded")

    def get(self, name: str) -> OnlineEndpoint:
        traffic = {"old": 100} if self.is_serving else {}
        return OnlineEndpoint(name=name, state="Succeeded", scoring_uri=URI, traffic=traffic)

    def update(self, name: str, body: Any) -> None:
        self.asked.append((name, body.traffic))
        self.shared.set()

    def rollout(self, name: str, body: Any) -> None:
        self.asked.append((name, body.deployment, body.mirror))
        self.shared.set()

    def deploy(self, body: CreateOnlineDeployment) -> OnlineDeployment:
        if self.refusal:
            raise self.refusal
        self.asked.append(body)
        self.now = OnlineDeployment(
            name=body.name, endpoint_name=body.endpoint_name, state="Creating", spec=body
        )
        return self.now


@pytest.fixture
def service(client: Any) -> Endpoints:
    """The fake client's endpoints and models."""
    found = Endpoints()
    client.models = SimpleNamespace(list=lambda: ModelList([model("my_digits", "2")]))
    client.online_endpoints = found
    client.online_deployments = SimpleNamespace(create=found.deploy, get=lambda *_: found.now)
    return found


def test_it_begins_with_what_a_person_would_choose(client: Any, service: Endpoints) -> None:
    form = DeployForm(client=client)
    assert (form.model, form.endpoint, form.deployment) == ("my_digits:2", "my-digits", "blue")
    assert form.instance_type == "Standard_DS3_v2"
    form.max_instances = 3
    assert "$0.29 to $0.88 per hour in Azure, would be" in form._html()
    line = (
        "%aml deploy my_digits:2 --endpoint my-digits --deployment blue --min 1 --max 3 "
        "--instance-type Standard_DS3_v2"
    )
    assert form.code() == f"{line} --traffic 100"
    form.start = "rollout"
    assert form.code() == f"{line}\n%aml online-endpoint rollout my-digits --to blue --mirror 10"
    for one in form.code().splitlines():
        assert parse_line(one.removeprefix("%aml ")).verb
    assert service.asked == []


@pytest.mark.parametrize(
    ("trait", "value", "words"),
    [
        ("endpoint", "a b", "cannot name the endpoint"),
        ("deployment", "x", "cannot name the deployment"),
        ("min_instances", 2, "Instances"),
        ("max_instances", 51, "Instances"),
        ("model", "", "No model"),
    ],
)
def test_bad_fields_are_refused_before_anything_is_made(
    client: Any, service: Endpoints, trait: str, value: Any, words: str
) -> None:
    form = DeployForm(client=client)
    setattr(form, trait, value)
    with pytest.raises(Invalid, match=words):
        form.deploy()
    assert service.asked == []


def wait_for(form: DeployForm, trait: str, value: object) -> None:
    reached = threading.Event()
    form.observe(lambda told: reached.set() if told["new"] == value else None, trait)
    assert getattr(form, trait) == value or reached.wait(30)


@pytest.mark.parametrize(
    ("start", "is_serving", "asked"),
    [
        ("all", True, ("my-digits", {"blue": 100})),
        ("rollout", True, ("my-digits", "blue", 10)),
        ("rollout", False, ("my-digits", "blue", 0)),
    ],
)
def test_once_it_answers_it_gets_its_traffic(
    client: Any, service: Endpoints, start: str, is_serving: bool, asked: Any
) -> None:
    service.is_serving = is_serving
    form = DeployForm(client=client, start=start)
    form._heard(None, {"do": "deploy"}, None)
    assert form.state == "Creating"
    stream = client.stream()
    assert service.now is not None
    service.now = msgspec.structs.replace(service.now, state="Succeeded")
    stream.lines.put(change("deployment", "my-digits/blue", service.now))
    assert service.shared.wait(30)
    wait_for(form, "state", "Succeeded")
    assert service.asked[-1] == asked
    assert form.scoring_uri == URI
    assert URI in form._picture()


def test_a_failed_one_says_why(client: Any, service: Endpoints) -> None:
    form = DeployForm(client=client)
    form.deploy()
    seen: list[str] = []
    form.observe(lambda _: seen.append(form._html()), "state")
    stream = client.stream()
    error = ErrorBody(code="UserScriptInitFailed", message="init() raised <b>", target="score.py:3")
    assert service.now is not None
    service.now = msgspec.structs.replace(
        service.now, state="Failed", reason="init() raised", error=error
    )
    stream.lines.put(change("deployment", "my-digits/blue", service.now))
    wait_for(form, "state", "Failed")
    # Whoever hears of the state finds its cause.
    assert "init() raised &lt;b&gt;" in seen[-1]
    assert "score.py:3" in seen[-1]
    assert not service.shared.is_set()


def test_a_refusal_is_shown_and_read_out(client: Any, service: Endpoints) -> None:
    service.refusal = Conflict("There is a deployment blue already.")
    form = DeployForm(client=client)
    form._heard(None, {"do": "deploy"}, None)
    assert "There is a deployment blue already." in form._html()
    assert form._said == "There is a deployment blue already."
    assert form.state == ""
