"""`aml.deploy` and `EndpointHandle`, over a service that is a few dictionaries."""

from __future__ import annotations

import pickle
from typing import Any

import msgspec
import pytest

from jupyter_aml.kernel import deploying
from jupyter_aml.kernel.deploying import EndpointHandle
from jupyter_aml.kernel.modelhandle import ModelHandle
from jupyter_aml.model.endpoint import Answer, CreateOnlineDeployment, UpdateOnlineEndpoint
from jupyter_aml.model.errors import AmlError, JobFailed
from tests.grammar.fake_client import FakeClient

pytestmark = pytest.mark.usefixtures("shell")


@pytest.fixture
def client() -> FakeClient:
    return FakeClient()


def deployed(client: FakeClient) -> CreateOnlineDeployment:
    """What the service was asked to deploy last."""
    return client.online_deployments.asked[-1][1]


def test_a_registered_model_is_put_behind_an_endpoint(client: Any) -> None:
    client.models.add("digits", "1")
    handle = deploying.deploy(
        "digits:1", "digits", min=1, max=3, env={"A": "1"}, micro_batch=True, client=client
    )
    assert repr(handle).startswith("digits")
    asked = deployed(client)
    assert (asked.endpoint_name, asked.model) == ("digits", "azureml:digits:1")
    assert asked.environment_variables["A"] == "1"
    assert handle.url == client.online_endpoints.get("digits").scoring_uri
    assert [one.name for one in handle.deployments] == [asked.name]


def test_a_handle_of_a_model_is_taken_by_its_version(client: Any) -> None:
    client.models.add("digits", "2")
    deploying.deploy(ModelHandle("digits", "2", client=client), "digits", client=client)
    assert deployed(client).model == "azureml:digits:2"


def test_one_that_does_not_load_raises_with_its_last_lines(client: Any) -> None:
    client.models.add("digits", "1")
    client.online_deployments.outcome = "Failed"
    with pytest.raises(JobFailed, match="does not answer") as raised:
        deploying.deploy("digits:1", "digits", client=client)
    assert raised.value.details == ["line 1"]


def test_what_is_refused_is_raised_as_it_was_said(client: Any) -> None:
    with pytest.raises(AmlError, match="nothing"):
        deploying.deploy("nothing:1", "digits", client=client)
    assert client.online_deployments.asked == []


def test_an_answer_is_a_value_and_a_refusal_is_an_error(client: Any) -> None:
    client.online_endpoints.add("digits")
    handle = EndpointHandle("digits", client=client)
    assert handle.invoke([[1, 2]], deployment="blue") == [0, 1]
    assert client.online_endpoints.asked[-1] == ("invoke", "digits", [[1, 2]], "blue")
    client.online_endpoints.answered = Answer(
        status=424, body=msgspec.Raw(b'"no such column"'), deployment="blue", seconds=0.01
    )
    with pytest.raises(JobFailed, match="answered 424") as raised:
        handle.invoke([[1]])
    assert raised.value.details == ["no such column"]
    assert "online-deployment logs blue" in raised.value.hint
    assert handle.ask([[1]]).status == 424


def test_traffic_is_split_rolled_out_and_told(client: Any) -> None:
    client.online_endpoints.add("digits")
    handle = EndpointHandle("digits", client=client)
    assert handle.split(blue=90, green=10) is handle
    asked = client.online_endpoints.asked[-1]
    assert asked == ("update", "digits", UpdateOnlineEndpoint(traffic={"blue": 90, "green": 10}))
    handle.rollout("green", mirror=10, steps=(5, 100))
    asked = client.online_endpoints.asked[-1][2]
    assert (asked.mirror, asked.steps) == (10, [5, 100])
    assert handle.traffic(60).value[0].samples[0].requests == 12
    assert handle.keys().primary_key == "digits-one"
    client.online_deployments.add("blue")
    assert [line.text for line in handle.logs("blue", tail=5)] == ["hello"]
    handle.delete()
    assert client.online_endpoints.all == {}


def test_a_handle_is_its_name(client: Any) -> None:
    handle = EndpointHandle("digits", client=client)
    assert pickle.loads(pickle.dumps(handle)) == handle
    assert handle in {EndpointHandle("digits")}
    assert handle != EndpointHandle("other")
    assert handle != ModelHandle("digits", "1")
    assert repr(handle) == "EndpointHandle('digits')"  # nobody knows it
    assert handle._repr_html_() is None
    client.online_endpoints.add("digits")
    assert "digits" in repr(handle)
    assert "<table" in (handle._repr_html_() or "")
