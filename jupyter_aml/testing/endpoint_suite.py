"""What every backend's ``online_endpoints`` and ``online_deployments`` must do.

See `testing.backend_suite`. A backend that lacks the facets skips the tests.
"""

from __future__ import annotations

import asyncio
import pickle
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jupyter_aml.model.api import History, ReadLog
from jupyter_aml.model.endpoint import (
    CreateOnlineDeployment,
    CreateOnlineEndpoint,
    Invoke,
    OnlineDeployment,
    OnlineEndpoint,
    RegenerateKey,
    StartRollout,
    UpdateOnlineEndpoint,
)
from jupyter_aml.model.errors import AmlError, Conflict, NotFound
from jupyter_aml.model.registry import CreateModel
from jupyter_aml.service.backends.protocol import (
    Backend,
    OnlineDeploymentsFacet,
    OnlineEndpointsFacet,
)
from jupyter_aml.testing.suite import Suite
from jupyter_aml.testing.waiting import eventually


class EndpointSuite(Suite):
    """Both facets."""

    @pytest.fixture
    def endpoints(self, backend: Backend) -> OnlineEndpointsFacet:
        if backend.online_endpoints is None:
            pytest.skip("this backend has no online endpoints")
        return backend.online_endpoints

    @pytest.fixture
    def deployments(
        self, backend: Backend, endpoints: OnlineEndpointsFacet
    ) -> OnlineDeploymentsFacet:
        if backend.online_deployments is None:
            pytest.skip("this backend has no online deployments")
        return backend.online_deployments

    async def answers(self, endpoints: OnlineEndpointsFacet, name: str) -> OnlineEndpoint:
        async def look() -> OnlineEndpoint | None:
            one = await endpoints.get(name)
            return one if one.state == "Succeeded" else None

        found = await eventually(look, seconds=self.patience)
        assert found is not None
        return found

    async def endpoint_gone(self, endpoints: OnlineEndpointsFacet, name: str) -> None:
        async def look() -> bool:
            return name not in [one.name for one in (await endpoints.list()).value]

        await eventually(look, seconds=self.patience)

    async def test_an_endpoint_gets_a_url_and_keeps_it(
        self, backend: Backend, endpoints: OnlineEndpointsFacet
    ) -> None:
        body = CreateOnlineEndpoint(name="digits", tags={"a": "b"})
        first, second = await asyncio.gather(
            endpoints.create(body=body), endpoints.create(body=body)
        )
        assert first.name == second.name == "digits"
        with pytest.raises(Conflict):
            await endpoints.create(body=CreateOnlineEndpoint(name="digits", description="x"))
        found = await self.answers(endpoints, "digits")
        assert found.scoring_uri
        assert found.tags == {"a": "b"}
        assert backend.running()["endpoints"] >= 1
        assert ("endpoint", "digits") in [(noun, name) for noun, name, _ in backend.state()]
        await endpoints.delete("digits")
        await self.endpoint_gone(endpoints, "digits")

    async def test_keys_differ_and_one_is_renewed_alone(
        self, endpoints: OnlineEndpointsFacet
    ) -> None:
        await endpoints.create(body=CreateOnlineEndpoint(name="digits"))
        await self.answers(endpoints, "digits")
        before = await endpoints.keys("digits")
        assert before.primary_key != before.secondary_key
        after = await endpoints.regenerate_key("digits", body=RegenerateKey(key_type="secondary"))
        assert after.primary_key == before.primary_key
        assert after.secondary_key != before.secondary_key
        assert await endpoints.keys("digits") == after

    async def test_traffic_goes_only_to_deployments_that_are_there(
        self, endpoints: OnlineEndpointsFacet
    ) -> None:
        await endpoints.create(body=CreateOnlineEndpoint(name="digits"))
        await self.answers(endpoints, "digits")
        for body in (
            UpdateOnlineEndpoint(traffic={"blue": 100}),
            UpdateOnlineEndpoint(mirror_traffic={"blue": 10}),
        ):
            with pytest.raises(AmlError) as refused:
                await endpoints.update("digits", body=body)
            assert refused.value.hint
        changed = await endpoints.update("digits", body=UpdateOnlineEndpoint(description="new"))
        assert changed.description == "new"
        assert (await endpoints.get("digits")).traffic == {}

    @pytest.mark.parametrize(
        ("verb", "given"),
        [
            ("get", {}),
            ("delete", {}),
            ("keys", {}),
            ("cancel_rollout", {}),
            ("traffic", {"query": History()}),
            ("update", {"body": UpdateOnlineEndpoint(description="x")}),
            ("rollout", {"body": StartRollout(deployment="blue")}),
            ("invoke", {"body": Invoke(request_data=msgspec.Raw(b"[1]"))}),
        ],
    )
    async def test_an_endpoint_that_is_not_there_is_not_found(
        self, endpoints: OnlineEndpointsFacet, verb: str, given: dict[str, Any]
    ) -> None:
        with pytest.raises(NotFound) as refused:
            await getattr(endpoints, verb)("no-such-endpoint", **given)
        assert "no-such-endpoint" in refused.value.message

    async def test_a_deployment_needs_an_endpoint_and_a_model(
        self, endpoints: OnlineEndpointsFacet, deployments: OnlineDeploymentsFacet
    ) -> None:
        body = CreateOnlineDeployment(name="blue", endpoint_name="digits", model="no-such-model:1")
        with pytest.raises(NotFound):
            await deployments.create("digits", body=body)
        await endpoints.create(body=CreateOnlineEndpoint(name="digits"))
        with pytest.raises(NotFound):
            await deployments.create("digits", body=body)
        assert not (await deployments.list("digits")).value
        with pytest.raises(NotFound):
            await deployments.get("digits", "blue")
        with pytest.raises(NotFound):
            await deployments.logs("digits", "blue", query=ReadLog())

    async def test_a_registered_object_answers_behind_an_endpoint(
        self,
        backend: Backend,
        endpoints: OnlineEndpointsFacet,
        deployments: OnlineDeploymentsFacet,
        tmp_path: Path,
    ) -> None:
        if backend.models is None:
            pytest.skip("this backend has no models")
        (tmp_path / "model").mkdir()
        (tmp_path / "model" / "model.pkl").write_bytes(pickle.dumps(sum))
        model = await backend.models.create(
            body=CreateModel(
                name="adder",
                path=str(tmp_path / "model"),
                flavors={"python_object": {}},
                python=sys.executable,
            )
        )
        await endpoints.create(body=CreateOnlineEndpoint(name="digits"))
        await deployments.create(
            "digits",
            body=CreateOnlineDeployment(name="blue", endpoint_name="digits", model=model.reference),
        )

        async def settled() -> OnlineDeployment | None:
            one = await deployments.get("digits", "blue")
            return one if one.state in ("Succeeded", "Failed") else None

        found = await eventually(settled, seconds=self.patience)
        assert found is not None
        assert found.state == "Succeeded", found.error
        await endpoints.update("digits", body=UpdateOnlineEndpoint(traffic={"blue": 100}))
        request = Invoke(request_data=msgspec.Raw(b"[1, 2, 3]"))
        answer = await endpoints.invoke("digits", body=request)
        assert (answer.status, answer.value) == (200, 6)
        with pytest.raises(Conflict):
            await deployments.delete("digits", "blue")
        await endpoints.delete("digits")
        await self.endpoint_gone(endpoints, "digits")
