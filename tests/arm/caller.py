"""The compatible API in process: no socket, no certificate; facets of a fake workspace."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.dispatch import Dispatcher
from jupyter_aml.service.arm.message import Body, Request
from jupyter_aml.service.arm.scope import Scope
from jupyter_aml.service.arm.table import make_table
from jupyter_aml.service.arm.tokens import MANAGEMENT
from jupyter_aml.service.clock import Clock, SystemClock

HOST = "127.0.0.1:1234"
WS = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/ws1"
"""A workspace as some script names it."""


@dataclass
class Answer:
    """Headers under small names; `json` is None where the body is none."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else None


class Caller:
    """``await arm("GET", WS + "/computes")``, with a token unless `headers` has its own."""

    def __init__(
        self,
        home: Path,
        facets: dict[str, object],
        clock: Clock | None = None,
        secret: bytes = b"s" * 32,
    ) -> None:
        self.facets = facets
        self.clock = clock or SystemClock()
        self.context = Context(
            home=home,
            find=lambda name: self.facets.get(name),
            clock=self.clock,
            secret=secret,
            user="someone",
            created_at="2026-01-01T00:00:00Z",
        )
        self.context.base = f"https://{HOST}"
        self.context.hosts = frozenset({HOST})
        self.dispatcher = Dispatcher(make_table(), self.context)

    async def __call__(
        self,
        method: str,
        target: str,
        body: object = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """`body` is bytes as they are, anything else as JSON. `target` may be an absolute URL."""
        path, _, query = target.removeprefix(self.context.base).partition("?")
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"Host": HOST, **(self.authorization() if headers is None else headers)}
        request = Request(
            method=method,
            path=path,
            query=_query(query),
            headers=list(given.items()),
            body=Body(_parts(b"" if body is None else content)),
            scope=Scope(),
        )
        answer = await self.dispatcher.answer(request)
        found = answer.body
        whole = found if isinstance(found, bytes) else b"".join([part async for part in found])
        return Answer(answer.status, {n.lower(): v for n, v in answer.headers}, whole)

    def authorization(self, audience: str = MANAGEMENT) -> dict[str, str]:
        token, _ = self.context.tokens.issue(audience, self.clock.time())
        return {"Authorization": f"Bearer {token}"}


def _query(text: str) -> dict[str, str]:
    from urllib.parse import parse_qsl

    return dict(parse_qsl(text, keep_blank_values=True))


async def _parts(content: bytes) -> AsyncIterator[bytes]:
    if content:
        yield content
