"""The facet ``connections``: rows in the store, and for each a file (0600) of credentials.

There are few, and they are asked for seldom: nothing of them is kept in memory.
"""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import msgspec

from jupyter_aml.model.connection import (
    Connection,
    ConnectionFields,
    ConnectionList,
    CreateConnection,
    Credentials,
)
from jupyter_aml.model.errors import Conflict, NotFound
from jupyter_aml.service.clock import Clock, iso
from jupyter_aml.service.private_files import write_private
from jupyter_aml.service.store import connection_rows as rows
from jupyter_aml.service.store.db import Store

FOLDER = "connections"
MOST_CONNECTIONS = 500

_SAID = ConnectionFields.__struct_fields__


class Connections:
    """`folder` is made when the first credentials are kept."""

    def __init__(self, store: Store, clock: Clock, folder: Path) -> None:
        self._store = store
        self._clock = clock
        self._folder = folder
        self._changing = asyncio.Lock()

    async def list(self) -> ConnectionList:
        return ConnectionList(rows.list_connections(self._store.reader))

    async def get(self, name: str) -> Connection:
        found = rows.get_connection(self._store.reader, name)
        if found is None:
            raise NotFound(
                f"There is no connection {name!r}.",
                target="name",
                hint="Those there are: `%aml connection list`.",
            )
        return found

    async def create(self, *, body: CreateConnection) -> Connection:
        """Durable before it returns. The same name again replaces what there was."""
        async with self._changing:
            known = rows.get_connection(self._store.reader, body.name)
            if known is None and len((await self.list()).value) >= MOST_CONNECTIONS:
                raise Conflict(
                    f"There are {MOST_CONNECTIONS} connections, which is the most.",
                    target="name",
                    hint="Delete one that is not needed: `%aml connection list`.",
                )
            now = iso(self._clock.time())
            made = Connection(
                **{name: getattr(body, name) for name in _SAID},
                created_at=known.created_at if known is not None else now,
                modified_at=now,
            )
            # Credentials first: whoever sees the connection can ask for them.
            if body.credentials is not None:
                await asyncio.to_thread(self._write, body.name, body.credentials)
            elif known is None or known.auth_type != body.auth_type:
                await asyncio.to_thread(self._forget, body.name)
            await self._store.write(lambda conn: rows.save_connection(conn, made), durable=True)
            return made

    async def secrets(self, name: str) -> Credentials:
        """Its credentials, {} of one that has none. Raises `NotFound`."""
        found = await self.get(name)
        return await asyncio.to_thread(self._read, found.name)

    async def delete(self, name: str) -> Connection:
        async with self._changing:
            gone = await self.get(name)
            await asyncio.to_thread(self._forget, gone.name)
            await self._store.write(
                lambda conn: rows.delete_connection(conn, gone.name), durable=True
            )
            return gone

    # -- credentials ------------------------------------------------------------------------

    def _file(self, name: str) -> Path:
        return self._folder / f"{name.lower()}.json"

    def _write(self, name: str, credentials: Credentials) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        write_private(self._file(name), msgspec.json.encode(credentials))

    def _read(self, name: str) -> Credentials:
        try:
            return msgspec.json.decode(self._file(name).read_bytes(), type=Credentials)
        except FileNotFoundError:
            return {}

    def _forget(self, name: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._file(name).unlink()
