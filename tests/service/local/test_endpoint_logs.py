"""What a deployment printed, and the requests it got."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jupyter_aml.model.api import ReadLog
from jupyter_aml.model.errors import Invalid, NotFound
from tests.service.local.endpoint_world import EndpointWorld, deployed


async def test_logs_are_the_consoles_and_the_lines_of_the_router(world: EndpointWorld) -> None:
    await deployed(world, "blue")
    live = world.engine.all["digits"]
    (instance,) = live.deployments["blue"].instances.values()
    instance.at.console.write_bytes(b"one\ntwo\nthree\nunfinished")
    live.layout.requests.write_text(
        "".join(
            json.dumps({"deployment": name, "instance": "i", "status": 200, "time": "t"}) + "\n"
            for name in ("blue", "green", "blue")
        )
    )

    async def lines(**query: Any) -> list[dict[str, Any]]:
        stream = await world.deployments.logs("digits", "blue", query=ReadLog(**query))
        told = b"".join([piece async for piece in stream])
        return [json.loads(line) for line in told.splitlines()]

    assert [line["text"] for line in await lines(tail=2)] == ["two", "three"]
    assert len(await lines(kind="requests")) == 2
    assert await lines(tail=0) == []
    with pytest.raises(Invalid):
        await lines(kind="weather")
    with pytest.raises(NotFound):
        await lines(instance="nobody")
