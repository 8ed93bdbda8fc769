"""The server of each test, and one connection to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.service.http.wire import Client, Stack


@pytest.fixture
async def stack() -> AsyncIterator[Stack]:
    made = Stack()
    await made.backend.open()
    await made.server.open()
    yield made
    await made.close()


@pytest.fixture
async def client(stack: Stack) -> Client:
    return await stack.client()
