"""Batch endpoints and their deployments, by name. Nothing runs here: a call makes a job."""

from __future__ import annotations

from collections.abc import Callable
from sqlite3 import Connection

import msgspec

from jupyter_aml.model.batch import (
    BatchDeployment,
    BatchEndpoint,
    CreateBatchEndpoint,
    UpdateBatchEndpoint,
)
from jupyter_aml.model.errors import Conflict, Invalid, NotFound
from jupyter_aml.model.nearest import nearest
from jupyter_aml.service.clock import Clock, iso
from jupyter_aml.service.store import batch_rows
from jupyter_aml.service.store.db import Store

MOST_ENDPOINTS = 100
MOST_DEPLOYMENTS = 20

Changed = Callable[[str, str, msgspec.Struct | None], None]
"""Noun, name and the new state; None when it is gone."""


class Catalogue:
    def __init__(self, store: Store, clock: Clock, changed: Changed) -> None:
        self._store = store
        self._clock = clock
        self._changed = changed
        self._endpoints: dict[str, BatchEndpoint] = {}
        self._deployments: dict[str, dict[str, BatchDeployment]] = {}

    def open(self) -> None:
        for endpoint in batch_rows.list_endpoints(self._store.reader):
            self._endpoints[endpoint.name] = endpoint
            self._deployments[endpoint.name] = {}
        for one in batch_rows.list_deployments(self._store.reader):
            self._deployments[one.endpoint_name][one.name] = one

    # -- looking ------------------------------------------------------------------------------

    def endpoints(self) -> list[BatchEndpoint]:
        return [self.endpoint(name) for name in self._endpoints]

    def endpoint(self, name: str) -> BatchEndpoint:
        """Raises `NotFound`."""
        found = self._endpoints.get(name)
        if found is None:
            known = list(self._endpoints)
            there = f"There are: {', '.join(known)}. " if known else ""
            raise NotFound(
                f"There is no batch endpoint {name!r}.",
                target="name",
                hint=f"{nearest(name, known)}{there}Make it with "
                f"`%aml batch-endpoint create {name}`.",
            )
        return msgspec.structs.replace(found, deployments=list(self._deployments[name]))

    def deployments(self, endpoint: str) -> list[BatchDeployment]:
        self.endpoint(endpoint)
        return list(self._deployments[endpoint].values())

    def deployment(self, endpoint: str, name: str) -> BatchDeployment:
        """The default one without a name. Raises `NotFound`."""
        found = self.endpoint(endpoint)
        wanted = name or found.default_deployment
        if wanted not in self._deployments[endpoint]:
            what = f"no deployment {wanted!r}" if wanted else "no default deployment"
            known = ", ".join(self._deployments[endpoint]) or "none"
            raise NotFound(
                f"The batch endpoint {endpoint} has {what}.",
                target="deployment",
                hint=f"There are: {known}. Make one with `%aml batch-deployment create`.",
            )
        return self._deployments[endpoint][wanted]

    def all(self) -> list[BatchDeployment]:
        return [one for found in self._deployments.values() for one in found.values()]

    # -- changing -----------------------------------------------------------------------------

    async def create(self, body: CreateBatchEndpoint) -> BatchEndpoint:
        """Durable before it returns. The same name again is the same endpoint."""
        known = self._endpoints.get(body.name)
        if known is None and len(self._endpoints) >= MOST_ENDPOINTS:
            raise Conflict(f"There are {MOST_ENDPOINTS} batch endpoints, which is the most.")
        made = BatchEndpoint(
            name=body.name,
            state="Succeeded",
            default_deployment=known.default_deployment if known else "",
            description=body.description,
            tags=body.tags,
            created_at=known.created_at if known else iso(self._clock.time()),
        )
        return await self._save(made)

    async def update(self, name: str, body: UpdateBatchEndpoint) -> BatchEndpoint:
        found = self.endpoint(name)
        if body.default_deployment:
            self.deployment(name, body.default_deployment)
        given = {f: getattr(body, f) for f in UpdateBatchEndpoint.__struct_fields__}
        changed = {key: value for key, value in given.items() if value is not None}
        return await self._save(msgspec.structs.replace(found, **changed))

    async def delete(self, name: str) -> BatchEndpoint:
        found = self.endpoint(name)
        await self._store.write(lambda conn: batch_rows.delete_endpoint(conn, name), durable=True)
        del self._endpoints[name]
        for gone in self._deployments.pop(name):
            self._changed("batch_deployment", f"{name}/{gone}", None)
        self._changed("batch_endpoint", name, None)
        return found

    async def deploy(self, deployment: BatchDeployment) -> BatchDeployment:
        """Keep it. The first one of an endpoint becomes its default."""
        endpoint = self.endpoint(deployment.endpoint_name)
        known = self._deployments[endpoint.name]
        if deployment.name not in known and len(known) >= MOST_DEPLOYMENTS:
            raise Conflict(
                f"{endpoint.name} has {MOST_DEPLOYMENTS} deployments, which is the most."
            )
        default = endpoint.default_deployment or deployment.name
        changed = msgspec.structs.replace(endpoint, default_deployment=default)

        def save(conn: Connection) -> None:
            batch_rows.save_deployment(conn, deployment)
            batch_rows.save_endpoint(conn, changed)

        await self._store.write(save, durable=True)
        known[deployment.name] = deployment
        self._endpoints[endpoint.name] = changed
        self._tell(deployment, endpoint.name)
        return deployment

    async def undeploy(self, endpoint: str, name: str) -> BatchDeployment:
        if not name:
            raise Invalid("Name the deployment.", target="name")
        found, owner = self.deployment(endpoint, name), self.endpoint(endpoint)
        default = "" if owner.default_deployment == name else owner.default_deployment
        changed = msgspec.structs.replace(owner, default_deployment=default)

        def save(conn: Connection) -> None:
            batch_rows.delete_deployment(conn, endpoint, name)
            batch_rows.save_endpoint(conn, changed)

        await self._store.write(save, durable=True)
        del self._deployments[endpoint][name]
        self._endpoints[endpoint] = changed
        self._changed("batch_deployment", f"{endpoint}/{name}", None)
        self._changed("batch_endpoint", endpoint, self.endpoint(endpoint))
        return found

    async def _save(self, endpoint: BatchEndpoint) -> BatchEndpoint:
        kept = msgspec.structs.replace(endpoint, deployments=[])
        await self._store.write(lambda conn: batch_rows.save_endpoint(conn, kept), durable=True)
        self._endpoints[endpoint.name] = kept
        self._deployments.setdefault(endpoint.name, {})
        found = self.endpoint(endpoint.name)
        self._changed("batch_endpoint", found.name, found)
        return found

    def _tell(self, deployment: BatchDeployment, endpoint: str) -> None:
        self._changed("batch_deployment", f"{endpoint}/{deployment.name}", deployment)
        self._changed("batch_endpoint", endpoint, self.endpoint(endpoint))
