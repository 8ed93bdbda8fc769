"""Streams: at the reader's pace, and ended with it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.service.http.wire import COMMAND, PATIENCE, Client, Endless, Stack


async def test_a_run_streams_the_job_and_its_events(client: Client) -> None:
    answer = await client.call("POST", "/v1/jobs/run", COMMAND)
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in answer.body.splitlines()]
    assert lines[0]["job"]["status"] == "Queued"
    assert "hello\n" in [line.get("text") for line in lines]
    assert lines[-2]["status"] == "Completed"
    assert (await client.call("GET", "/v1/jobs")).status == 200, "the connection goes on"


async def test_a_refused_run_keeps_its_status(client: Client) -> None:
    body = {"spec": {"type": "command", "command": "echo", "compute": "nowhere"}}
    answer = await client.call("POST", "/v1/jobs/run", body)
    assert (answer.status, answer.code) == (404, "NotFound")


async def test_a_client_that_goes_away_ends_its_iterator(stack: Stack, client: Client) -> None:
    stack.facets["jobs"] = endless = Endless(b"{}\n")
    await client.send(client.request("GET", "/v1/jobs/x/events"))
    await client.head()
    await client.close()
    await asyncio.wait_for(endless.ended.wait(), PATIENCE)


async def test_a_client_that_goes_away_while_nothing_happens_ends_its_iterator(
    stack: Stack, client: Client
) -> None:
    ended = asyncio.Event()

    class Silent:
        async def events(self, name: str, *, query: Any) -> AsyncIterator[bytes]:
            return self._batches()

        async def _batches(self) -> AsyncIterator[bytes]:
            try:
                await asyncio.Event().wait()
                yield b""
            finally:
                ended.set()

    stack.facets["jobs"] = Silent()
    await client.send(client.request("GET", "/v1/jobs/x/events"))
    await client.head()
    await client.close()
    await asyncio.wait_for(ended.wait(), PATIENCE)


async def test_a_slow_reader_makes_its_stream_wait(stack: Stack, client: Client) -> None:
    stack.facets["jobs"] = endless = Endless(b"x" * 65_536)
    await client.send(client.request("GET", "/v1/jobs/x/events"))
    await client.head()
    before = -1
    while before != endless.sent:  # until nothing more is taken from it
        before = endless.sent
        await asyncio.sleep(0.1)
    assert endless.sent * 65_536 < 64_000_000
    other = await stack.client()
    assert (await other.call("GET", "/v1/compute")).status == 200


async def test_a_stream_that_breaks_has_no_end(
    stack: Stack, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        async def events(self, name: str, *, query: Any) -> AsyncIterator[bytes]:
            return self._batches()

        async def _batches(self) -> AsyncIterator[bytes]:
            yield b"{}\n"
            raise ZeroDivisionError

    stack.facets["jobs"] = Broken()
    await client.send(client.request("GET", "/v1/jobs/x/events"))
    await client.head()
    with pytest.raises(asyncio.IncompleteReadError):
        [chunk async for chunk in client.chunks()]
    assert "ZeroDivisionError" in caplog.text


async def test_http_1_0_gets_a_stream_until_the_end_of_the_connection(client: Client) -> None:
    request = client.request("POST", "/v1/jobs/run", COMMAND).replace(b"HTTP/1.1", b"HTTP/1.0", 1)
    await client.send(request)
    _, headers = await client.head()
    assert "transfer-encoding" not in headers
    assert client._reader is not None
    body = await asyncio.wait_for(client._reader.read(), PATIENCE)
    assert json.loads(body.splitlines()[-1])["job"]["status"] == "Completed"


async def test_files_are_bytes_not_lines(stack: Stack, client: Client) -> None:
    class Files:
        async def read(self, name: str, *, query: Any) -> AsyncIterator[bytes]:
            return self._bytes(query.offset)

        async def _bytes(self, offset: int) -> AsyncIterator[bytes]:
            yield bytes(range(256))[offset:]

    stack.facets["jobs"] = Files()
    answer = await client.call("GET", "/v1/jobs/x/file?path=a.bin&offset=6")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.body == bytes(range(256))[6:]
