"""Calls to the nouns of endpoints: real facets, over processes that are numbers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_aml.model.code import Code, CodeList
from jupyter_aml.model.errors import NotFound
from jupyter_aml.service.arm import lro
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.dispatch import Dispatcher
from jupyter_aml.service.arm.message import Body, Request
from jupyter_aml.service.arm.nouns import (
    batch_deployments,
    batch_endpoints,
    online_deployments,
    online_endpoints,
)
from jupyter_aml.service.arm.route import Route, Table
from jupyter_aml.service.arm.scope import LOC, Scope
from jupyter_aml.service.arm.tokens import MANAGEMENT
from jupyter_aml.service.store.db import Store
from tests.service.local.endpoint_world import EndpointWorld

SCOPE = Scope("0000", "team", "ws")
NOUNS = (online_endpoints, online_deployments, batch_endpoints, batch_deployments)


@dataclass
class Answer:
    status: int
    body: Any
    headers: dict[str, str]


class FakeCodes:
    """One code asset for each of `known`: name to snapshot."""

    def __init__(self, **known: str) -> None:
        self._known = known

    async def get(self, name: str, version: str) -> Code:
        if name not in self._known:
            raise NotFound(f"There is no code {name}:{version}.")
        return Code(name=name, version=version, snapshot=self._known[name])

    async def list(self, name: str = "") -> CodeList:
        return CodeList([await self.get(one, "1") for one in self._known])


class Caller:
    """Sends requests as the SDK does. Time passes while an answer is waited for."""

    def __init__(self, folder: Path, store: Store, **facets: object) -> None:
        self.world = EndpointWorld(folder, store)
        self.facets: dict[str, object] = {
            "online_endpoints": self.world.endpoints,
            "online_deployments": self.world.deployments,
            "codes": FakeCodes(),
            **facets,
        }
        clock = self.world.clock
        self.context = Context(
            home=folder, find=self.facets.get, clock=clock, secret=b"s" * 32, user="me"
        )
        self.context.base = "https://127.0.0.1:1"
        self.context.hosts = frozenset({"127.0.0.1:1"})
        checks = {
            kind: check for noun in NOUNS for kind, check in getattr(noun, "OPERATIONS", {}).items()
        }

        async def status(request: Request, context: Context) -> Any:
            return await lro.status(request, context, request.fields["number"], checks)

        routes = [route for noun in NOUNS for route in noun.ROUTES]
        routes.append(Route("status", "GET", LOC + "/mfeOperationsStatus/{number}", status))
        self._dispatcher = Dispatcher(Table(routes), self.context)

    async def __call__(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """`path` is below the workspace, or begins with ``/``."""
        where = path if path.startswith("/") else SCOPE.id(path)
        where, _, query = where.partition("?")
        token, _ = self.context.tokens.issue(MANAGEMENT, self.context.clock.time())
        sent = [("Host", "127.0.0.1:1"), ("Authorization", f"Bearer {token}")]
        sent += [(name.replace("_", "-"), value) for name, value in headers.items()]
        request = Request(
            method=method,
            path=where,
            query=dict(part.split("=", 1) for part in query.split("&") if part),
            headers=sent,
            body=Body(_once(b"" if body is None else json.dumps(body).encode())),
            scope=SCOPE,
        )
        response = await self.world.finish(self._dispatcher.answer(request))
        assert isinstance(response.body, bytes)
        content = json.loads(response.body) if response.body else None
        return Answer(response.status, content, dict(response.headers))


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
