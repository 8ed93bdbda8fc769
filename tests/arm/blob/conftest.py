"""A storage account over real datastores, on a port of its own, and the stock client for it."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import pytest
from azure.storage.blob import BlobServiceClient, ContainerClient

from jupyter_aml.model.errors import NotFound
from jupyter_aml.service.arm import certificates
from jupyter_aml.service.arm.blob import account, routes
from jupyter_aml.service.arm.blob.containers import DEFAULT
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.dispatch import Dispatcher
from jupyter_aml.service.arm.listener import ADDRESS, Listener
from jupyter_aml.service.arm.message import Body, Request, Response
from jupyter_aml.service.arm.route import Table
from jupyter_aml.service.arm.scope import Scope
from jupyter_aml.service.arm.tokens import STORAGE
from jupyter_aml.service.clock import SystemClock
from tests.service.data.conftest import Home

T = TypeVar("T")


class FakeJobs:
    """What jobs printed: ``jobs.events_of["job"]`` is a list of events."""

    def __init__(self) -> None:
        self.events_of: dict[str, list[dict[str, Any]]] = {}

    async def events(self, name: str, *, query: Any) -> AsyncIterator[bytes]:
        assert not query.wait
        if name not in self.events_of:
            raise NotFound(f"There is no job {name!r}.")
        return self._lines(name)

    async def _lines(self, name: str) -> AsyncIterator[bytes]:
        for seq, event in enumerate(self.events_of[name], 1):
            whole = {"seq": seq, "time": "2026-11-22T00:00:00Z", "kind": "stdout", **event}
            yield json.dumps(whole).encode() + b"\n"


class Account:
    """The account as its clients have it; `home` is what lies behind it."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder)
        self.jobs = FakeJobs()
        facets = {"datastores": self.home.datastores, "jobs": self.jobs}
        self.context = Context(
            home=self.home.folder, find=facets.get, clock=SystemClock(), secret=b"s" * 32
        )
        self._dispatcher = Dispatcher(Table(routes.ROUTES), self.context)
        self._listener = Listener(self._dispatcher.answer)
        self._bundle = ""
        self._clients: list[BlobServiceClient] = []

    async def open(self) -> None:
        folder = self.home.folder / "arm"
        now = self.context.clock.now()
        await self._listener.open(0, certificates.server_context(folder, now))
        self._bundle = str(certificates.bundle(folder, ""))
        self.context.base = f"https://{ADDRESS}:{self._listener.port}"
        self.context.hosts = self._listener.hosts

    async def close(self) -> None:
        for client in self._clients:
            await asyncio.to_thread(client.close)
        gc.collect()  # what was refused before its end is closed by nobody else
        await self._listener.close()
        self.home.store.close()

    @property
    def blob_folder(self) -> Path:
        """Of the default datastore."""
        return Path(self.home.places.get("").path)

    def service(self, credential: Any) -> BlobServiceClient:
        """The client as the SDK makes it of a datastore's account name."""
        url = f"https://{account.name(self.context)}.blob.core.windows.net"
        made = BlobServiceClient(url, credential, connection_verify=self._bundle, retry_total=0)
        self._clients.append(made)
        return made

    def container(self, name: str = DEFAULT, credential: Any = None) -> ContainerClient:
        """With the account key, unless another credential is given."""
        given = account.key_text(self.context) if credential is None else credential
        return self.service(given).get_container_client(name)

    async def call(self, method: str, target: str, body: Body | None = None) -> Response:
        """One request without a client in between, with a token; `target` as it is sent."""
        path, _, query = f"/{account.HOST}/{target}".partition("?")
        token, _ = self.context.tokens.issue(STORAGE, self.context.clock.time())
        headers = [
            ("Host", min(self.context.hosts)),
            ("Authorization", f"Bearer {token}"),
            ("x-ms-blob-type", "BlockBlob"),
        ]
        request = Request(
            method=method,
            path=path,
            query=dict(parse_qsl(query, keep_blank_values=True)),
            headers=headers,
            body=body or Body(_nothing()),
            scope=Scope(),
        )
        return await self._dispatcher.answer(request)

    def sas(self, permissions: str, container: str = DEFAULT, blob: str = "", **more: Any) -> str:
        seconds = more.get("seconds", 600.0)
        return account.sas(self.context, container, blob, permissions=permissions, seconds=seconds)


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[Account]:
    made = Account(tmp_path)
    await made.open()
    yield made
    await made.close()


async def _nothing() -> AsyncIterator[bytes]:
    for part in ():
        yield part


async def aside(call: Callable[..., T], *arguments: Any, **named: Any) -> T:
    """The client is synchronous, and the server is on this test's event loop."""
    return await asyncio.to_thread(call, *arguments, **named)
