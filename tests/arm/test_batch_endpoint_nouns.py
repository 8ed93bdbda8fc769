"""Batch endpoints and deployments in ARM's words; a call of one is a job."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jupyter_aml.model.batch import (
    BatchDeployment,
    BatchDeploymentList,
    BatchEndpoint,
    BatchEndpointList,
    CreateBatchDeployment,
    CreateBatchEndpoint,
    InvokeBatch,
    UpdateBatchEndpoint,
)
from jupyter_aml.model.job import CommandJob, Job, JobPage, JobSummary
from jupyter_aml.service.batch.catalogue import Catalogue
from jupyter_aml.service.store.db import Store
from tests.arm.endpoints_world import SCOPE, Caller, FakeCodes

ENDPOINT = "batchEndpoints/digits"
TORCH = f"{ENDPOINT}/deployments/torch"
CODE = {"codeId": SCOPE.id("codes", "mine", "versions", "1"), "scoringScript": "score.py"}


class FakeBatch:
    """Both facets, over the real catalogue. What was called is in ``calls``."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self.calls: list[InvokeBatch] = []
        self.rows: list[JobSummary] = []

    async def list(self, endpoint: str = "") -> BatchEndpointList | BatchDeploymentList:
        if endpoint:
            return BatchDeploymentList(self._catalogue.deployments(endpoint))
        return BatchEndpointList(self._catalogue.endpoints())

    async def update(self, name: str, *, body: UpdateBatchEndpoint) -> BatchEndpoint:
        return await self._catalogue.update(name, body)

    async def invoke(self, name: str, *, body: InvokeBatch) -> Job:
        deployment = self._catalogue.deployment(name, body.deployment)
        self.calls.append(body)
        spec = CommandJob(command="score", display_name=f"{name}/{deployment.name}")
        return Job(name=body.job_name or "call-1", spec=spec, status="NotStarted", created_at="")

    async def jobs(self, name: str) -> JobPage:
        self._catalogue.endpoint(name)
        return JobPage(value=self.rows)


class FakeEndpoints(FakeBatch):
    async def get(self, name: str) -> BatchEndpoint:
        return self._catalogue.endpoint(name)

    async def create(self, *, body: CreateBatchEndpoint) -> BatchEndpoint:
        return await self._catalogue.create(body)

    async def delete(self, name: str) -> BatchEndpoint:
        return await self._catalogue.delete(name)


class FakeDeployments(FakeBatch):
    async def get(self, endpoint: str, name: str) -> BatchDeployment:
        return self._catalogue.deployment(endpoint, name)

    async def create(self, endpoint: str, *, body: CreateBatchDeployment) -> BatchDeployment:
        made = BatchDeployment(
            name=body.name, endpoint_name=endpoint, spec=body, model=body.model, state="Succeeded"
        )
        return await self._catalogue.deploy(made)

    async def delete(self, endpoint: str, name: str) -> BatchDeployment:
        return await self._catalogue.undeploy(endpoint, name)


@pytest.fixture
async def call(tmp_path: Path) -> AsyncIterator[Caller]:
    store = Store.open(tmp_path / "state.db")
    caller = Caller(tmp_path, store)
    catalogue = Catalogue(store, caller.world.clock, lambda *_told: None)
    caller.facets |= {
        "batch_endpoints": FakeEndpoints(catalogue),
        "batch_deployments": FakeDeployments(catalogue),
        "codes": FakeCodes(mine="snapshot:abc"),
    }
    yield caller
    await caller.world.let_go()
    store.close()


def endpoint(default: str | None = None) -> dict[str, Any]:
    defaults = {"deploymentName": default} if default else None
    properties = {"authMode": "aadToken", "description": "d", "properties": {}}
    return {"location": "local", "tags": {}, "properties": {**properties, "defaults": defaults}}


def deployment(**fields: Any) -> dict[str, Any]:
    properties = {
        "model": {"referenceType": "Id", "assetId": SCOPE.id("models", "m", "versions", "2")},
        "codeConfiguration": CODE,
        "environmentId": SCOPE.id("environments", "e", "versions", "4"),
        "compute": SCOPE.id("computes", "cpu-cluster"),
        "resources": {"instanceCount": 2, "properties": {}},
        "miniBatchSize": 5,
        "maxConcurrencyPerInstance": 2,
        "errorThreshold": 7,
        "retrySettings": {"maxRetries": 1, "timeout": "PT5M"},
        "outputAction": "AppendRow",
        "outputFileName": "p.csv",
        "loggingLevel": "info",
        "environmentVariables": {"A": "b"},
        **fields,
    }
    return {"location": "local", "tags": {"t": "1"}, "properties": properties}


async def called(call: Caller, **properties: Any) -> InvokeBatch:
    """The facet's wish after a call with these properties."""
    await call("PUT", ENDPOINT, endpoint())
    await call("PUT", TORCH, deployment())
    made = await call("POST", f"{ENDPOINT}/jobs", {"properties": properties})
    assert made.status == 201, made.body
    facet = call.facets["batch_endpoints"]
    assert isinstance(facet, FakeEndpoints)
    return facet.calls[-1]


DATA = {"UriFolder": {"jobInputType": "UriFolder", "uri": "azureml://datastores/d/paths/x/"}}


async def test_an_endpoint_has_no_keys(call: Caller) -> None:
    await call("PUT", ENDPOINT, endpoint())
    told = await call("POST", f"{ENDPOINT}/listkeys")
    assert told.status == 400
    assert "called with a token" in told.body["error"]["message"]
    assert (await call("POST", "batchEndpoints/none/listkeys")).status == 404


async def test_an_endpoint_has_defaults_and_a_url_of_this_api(call: Caller) -> None:
    made = await call("PUT", ENDPOINT, endpoint())
    assert made.status == 201
    # None in place of the object fails inside of the SDK.
    assert made.body["properties"]["defaults"] == {"deploymentName": None}
    uri = made.body["properties"]["scoringUri"]
    assert uri == f"https://127.0.0.1:1{SCOPE.id('batchEndpoints', 'digits')}/jobs"
    assert (await call("GET", "batchEndpoints")).body["value"] == [made.body]


async def test_a_default_is_a_deployment_that_is_there(call: Caller) -> None:
    await call("PUT", ENDPOINT, endpoint())
    assert (await call("PUT", ENDPOINT, endpoint("torch"))).status == 404
    await call("PUT", TORCH, deployment())
    put = await call("PUT", ENDPOINT, endpoint("torch"))
    assert (put.status, put.body["properties"]["defaults"]) == (200, {"deploymentName": "torch"})


async def test_a_deployment_says_all_that_it_was_given_and_can_be_put_again(call: Caller) -> None:
    await call("PUT", ENDPOINT, endpoint())
    made = await call("PUT", TORCH, deployment())
    assert made.status == 201
    asked = deployment()["properties"]
    found = (await call("GET", TORCH)).body
    same = {"description", "provisioningState", "properties", "retrySettings", "loggingLevel"}
    shown = {name: found["properties"][name] for name in asked if name not in same}
    assert shown == {
        **{name: asked[name] for name in asked if name not in same},
        "resources": {"instanceCount": 2},
    }
    assert found["properties"]["retrySettings"] == {"maxRetries": 1, "timeout": "PT300S"}
    assert (found["properties"]["loggingLevel"], found["tags"]) == ("Info", {"t": "1"})
    again = await call("PUT", TORCH, {**deployment(), "properties": found["properties"]})
    assert (again.status, again.body["properties"]) == (200, found["properties"])
    patched = await call("PATCH", TORCH, {"tags": {}, "properties": {"description": "new"}})
    assert (patched.body["tags"], patched.body["properties"]["description"]) == ({}, "new")
    assert patched.body["properties"]["miniBatchSize"] == 5


async def test_a_pipeline_behind_an_endpoint_is_refused_and_says_why(call: Caller) -> None:
    await call("PUT", ENDPOINT, endpoint())
    configuration = {"deploymentConfigurationType": "PipelineComponent", "settings": {}}
    refused = await call("PUT", TORCH, deployment(deploymentConfiguration=configuration))
    assert refused.status == 400
    assert refused.body["error"]["target"] == "$.properties.deploymentConfiguration"


async def test_a_call_hands_on_where_the_files_are(call: Caller) -> None:
    wish = await called(call, inputData=DATA, miniBatchSize=3, name="mine")
    assert wish == InvokeBatch(
        input="azureml://datastores/d/paths/x/", mini_batch_size=3, job_name="mine"
    )


async def test_a_call_may_say_where_predictions_go(call: Caller) -> None:
    folder = {"jobOutputType": "UriFolder", "uri": "azureml://datastores/d/paths/out/"}
    assert (await called(call, inputData=DATA, outputData={"o": folder})).output == folder["uri"]
    file = {"jobOutputType": "UriFile", "uri": "azureml://datastores/d/paths/out/p.csv"}
    assert (await called(call, inputData=DATA, outputData={"o": file})).output == folder["uri"]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"a": {"jobInputType": "Literal", "value": 1}},
        {"a": {"jobInputType": "UriFile"}},
        {**DATA, "b": DATA["UriFolder"]},
    ],
)
async def test_a_call_without_one_input_is_refused(call: Caller, data: dict[str, Any]) -> None:
    await call("PUT", ENDPOINT, endpoint())
    await call("PUT", TORCH, deployment())
    refused = await call("POST", f"{ENDPOINT}/jobs", {"properties": {"inputData": data}})
    assert (refused.status, refused.body["error"]["target"]) == (400, "$.properties.inputData")


async def test_a_call_names_its_deployment_in_a_header(call: Caller) -> None:
    await call("PUT", ENDPOINT, endpoint())
    await call("PUT", TORCH, deployment())
    body = {"properties": {"inputData": DATA}}
    there = await call("POST", f"{ENDPOINT}/jobs", body, azureml_model_deployment="torch")
    assert (there.status, there.body["name"]) == (201, "call-1")
    assert there.body["id"] == SCOPE.id("jobs", "call-1")
    gone = await call("POST", f"{ENDPOINT}/jobs", body, azureml_model_deployment="keras")
    assert gone.status == 404


async def test_jobs_are_listed_on_the_data_plane(call: Caller) -> None:
    await call("PUT", ENDPOINT, endpoint())
    facet = call.facets["batch_endpoints"]
    assert isinstance(facet, FakeEndpoints)
    row = JobSummary(name="a", type="command", display_name="x", status="Completed")
    facet.rows = [
        msgspec.structs.replace(row, tags={"batch_deployment": "torch"}),
        msgspec.structs.replace(row, name="b", tags={"batch_deployment": "keras"}),
    ]
    where = f"/mferp/managementfrontend{SCOPE.id('batchEndpoints', 'digits')}"
    found = (await call("GET", f"{where}/jobs")).body["value"]
    assert [(one["name"], one["properties"]["status"]) for one in found] == [
        ("a", "Completed"),
        ("b", "Completed"),
    ]
    found = (await call("GET", f"{where}/deployments/keras/jobs")).body["value"]
    assert [one["name"] for one in found] == ["b"]


async def test_what_is_deleted_is_gone_and_may_be_deleted_again(call: Caller) -> None:
    await call("PUT", ENDPOINT, endpoint())
    await call("PUT", TORCH, deployment())
    for path in (TORCH, ENDPOINT):
        assert (await call("DELETE", path)).status == 200
        assert (await call("GET", path)).status == 404
    assert (await call("DELETE", ENDPOINT)).status == 204
