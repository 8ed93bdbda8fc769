"""The facet ``codes``: names in, structs of `model.code` out.

There are as many as submits of new code, so they are looked up in the store and not kept in
memory.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from jupyter_aml.model.code import Code, CodeList, CreateCode
from jupyter_aml.model.errors import Conflict, Invalid, NotFound
from jupyter_aml.model.job import Snapshot
from jupyter_aml.service.clock import Clock, iso
from jupyter_aml.service.store import code_rows
from jupyter_aml.service.store.db import Store

PREFIX = "snapshot:"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]{0,254}")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]{0,99}")

Take = Callable[[Path], Awaitable[Snapshot]]
"""Copies a folder into the snapshots, or finds it there."""


class Codes:
    """`snapshots` is the folder in which each has its own."""

    def __init__(self, store: Store, clock: Clock, snapshots: Path, take: Take) -> None:
        self._store = store
        self._clock = clock
        self._snapshots = snapshots
        self._take = take
        self._keeping = asyncio.Lock()

    async def get(self, name: str, version: str) -> Code:
        found = code_rows.get_code(self._store.reader, name, version)
        if found is None:
            raise NotFound(
                f"There is no code {name}:{version}.",
                target="code",
                hint="Submit again: the code is then sent anew.",
            )
        return found

    async def list(self, name: str = "") -> CodeList:
        return CodeList(code_rows.list_codes(self._store.reader, name))

    async def find(self, digest: str) -> Code | None:
        """Whichever version holds that folder; None also where its files were pruned."""
        for code in code_rows.codes_of_digest(self._store.reader, digest) if digest else ():
            folder = self.folder(code)
            try:
                os.utime(folder)  # it is of use now: a prune leaves it
            except FileNotFoundError:
                continue
            return code
        return None

    def folder(self, code: Code) -> Path:
        """Where its files lie; they may have been pruned."""
        return self._snapshots / code.snapshot.removeprefix(PREFIX)

    async def create(self, *, body: CreateCode) -> Code:
        """Durable before it returns. Raises `Conflict` if that version holds something else."""
        _check(body)
        taken = await self._take(Path(body.path))
        async with self._keeping:
            known = code_rows.get_code(self._store.reader, body.name, body.version)
            if known is not None:
                if known.snapshot != PREFIX + taken.id:
                    raise Conflict(
                        f"The code {body.name}:{body.version} exists already, with other files.",
                        target="version",
                        hint="Take another version.",
                    )
                return known
            code = Code(
                name=body.name,
                version=body.version,
                snapshot=PREFIX + taken.id,
                digest=body.digest,
                description=body.description,
                tags=body.tags,
                properties=body.properties,
                created_at=iso(self._clock.time()),
            )
            await self._store.write(lambda conn: code_rows.save_code(conn, code), durable=True)
            return code


def _check(body: CreateCode) -> None:
    if not _NAME.fullmatch(body.name) or not _VERSION.fullmatch(body.version):
        raise Invalid(
            f"{body.name}:{body.version} cannot name code.",
            target="name",
            hint="Letters, digits, ., - and _, first a letter or digit.",
        )
