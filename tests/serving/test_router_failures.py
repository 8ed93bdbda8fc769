"""Instances that die, hang or are missing; clients that are slow; tables that change."""

from __future__ import annotations

import asyncio

import pytest

from jupyter_aml.serving import frame
from jupyter_aml.serving.frame import Frame
from tests.serving.conftest import Endpoint, Reply


async def _all(tasks: list[asyncio.Task[Reply]]) -> list[int]:
    return sorted(reply.status for reply in await asyncio.gather(*tasks))


async def test_what_a_dead_instance_had_not_begun_is_sent_to_another(endpoint: Endpoint) -> None:
    endpoint.add("blue", "b1", "b2")
    await endpoint.start()
    dying, other = endpoint.instances["b1"], endpoint.instances["b2"]
    dying.on_request = other.on_request = lambda _: None
    tasks = await endpoint.asked(8)
    await endpoint.until(lambda: len(dying.received) + len(other.received) == 8)
    begun = dying.received[0]
    dying.begin(begun.number)
    ran = {id(each) for each in other.received}
    other.on_request = other.answer
    for each in list(other.received):
        other.answer(each)
    dying.die()
    assert await _all(tasks) == [200] * 7 + [502]
    again = [each for each in other.received if id(each) not in ran]
    assert len(again) == len(dying.received) - 1, "none of them twice"
    counters = endpoint.router.deployments["blue"].counters
    assert counters.retried == len(again)
    assert counters.failures == {"InstanceLost": 1}


async def test_the_answer_says_why_it_was_not_sent_again(endpoint: Endpoint) -> None:
    await endpoint.start()
    blue = endpoint.instances["b1"]

    def begin_and_die(each: Frame) -> None:
        blue.begin(each.number)
        blue.die()

    blue.on_request = begin_and_die
    reply = await endpoint.ask()
    assert (reply.status, reply.code) == (502, "InstanceLost")
    assert "not sent again" in reply.json["error"]["message"]
    assert {"lost"} <= {event["state"] for event in endpoint.events if event["op"] == "instance"}


async def test_an_idempotent_deployment_is_asked_again(endpoint: Endpoint) -> None:
    endpoint.add("blue", "b1", "b2", idempotent=True)
    await endpoint.start()
    for each in endpoint.instances.values():
        each.on_request = lambda _: None
    (task,) = await endpoint.asked(1)
    both = endpoint.instances.values()
    await endpoint.until(lambda: any(each.received for each in both))
    dying, other = sorted(both, key=lambda each: -len(each.received))
    other.on_request = other.answer
    dying.begin(dying.received[0].number)
    dying.die()
    assert (await task).json == other.name


async def test_a_request_waits_for_an_instance_that_comes_back(endpoint: Endpoint) -> None:
    await endpoint.start()
    blue = endpoint.instances["b1"]
    blue.die()
    await endpoint.until(lambda: not endpoint.is_ready("b1"))
    (task,) = await endpoint.asked(1)
    assert any(event["op"] == "wanted" for event in endpoint.events)
    await blue.start()
    assert (await task).status == 200


async def test_without_an_instance_a_request_is_held_so_long_and_no_longer(
    endpoint: Endpoint,
) -> None:
    endpoint.add("blue", "b1", hold_seconds=0.05)
    await endpoint.start(alive=False)
    reply = await endpoint.ask()
    assert (reply.status, reply.code) == (503, "NoInstance")
    assert "retry-after" in reply.headers


async def test_trouble_is_told_at_once(endpoint: Endpoint) -> None:
    endpoint.add("blue", trouble="init() failed at score.py:3: 1/0")
    await endpoint.start(alive=False)
    reply = await endpoint.ask()
    assert reply.status == 503
    assert "score.py:3" in reply.json["error"]["message"]


async def test_a_full_deployment_sheds_load(endpoint: Endpoint) -> None:
    endpoint.add("blue", "b1", max_concurrent=1)
    await endpoint.start()
    blue = endpoint.instances["b1"]
    blue.on_request = lambda _: None
    tasks = await endpoint.asked(2)
    third = await endpoint.ask()
    assert (third.status, third.code) == (429, "TooManyRequests")
    assert third.headers["retry-after"] == "1"
    await endpoint.until(lambda: blue.received)
    assert len(blue.received) == 1, "one at a time"
    blue.on_request = blue.answer
    blue.answer(blue.received[0])
    assert await _all(tasks) == [200, 200]


async def test_a_slow_answer_is_a_timeout_and_reaches_nobody_later(endpoint: Endpoint) -> None:
    endpoint.add("blue", "b1", timeout_ms=50)
    await endpoint.start()
    blue = endpoint.instances["b1"]
    blue.on_request = lambda _: None
    caller = await endpoint.connect()
    caller.writer.write(endpoint.request(b"[1]"))
    late = await caller.read()
    assert (late.status, late.code) == (408, "Timeout")
    await endpoint.until(lambda: blue.received)
    blue.answer(blue.received[0], body=b'"late"')
    blue.on_request = lambda each: blue.answer(each, body=each.body)
    endpoint.table["deployments"]["blue"]["timeout_ms"] = 60000
    endpoint.adopt()
    caller.writer.write(endpoint.request(b"[2]"))
    assert (await caller.read()).json == [2]


async def test_an_instance_that_hangs_is_said_to_be_stuck(endpoint: Endpoint) -> None:
    endpoint.add("blue", "b1", timeout_ms=20)
    await endpoint.start()
    blue = endpoint.instances["b1"]
    blue.on_request = lambda _: None
    # A process that hangs answers no ping either.
    link = endpoint.router.deployments["blue"].instances["b1"]
    link.probe = lambda: setattr(link, "_is_probed", True)
    assert (await endpoint.ask()).status == 408
    ahead = endpoint.router.now() + 10
    endpoint.router.deployments["blue"].check(ahead)
    assert endpoint.events[-1]["state"] == "stuck"
    assert not endpoint.is_ready("b1")


async def test_a_new_table_drops_neither_connections_nor_requests(endpoint: Endpoint) -> None:
    await endpoint.start()
    blue = endpoint.instances["b1"]
    blue.on_request = lambda _: None
    caller = await endpoint.connect()
    caller.writer.write(endpoint.request())
    await endpoint.until(lambda: blue.received)
    del endpoint.table["deployments"]["blue"]
    endpoint.add("green", "g1")
    endpoint.table["traffic"] = {"green": 100}
    await endpoint.instances["g1"].start()
    endpoint.adopt()
    await endpoint.until(lambda: endpoint.is_ready("g1"))
    blue.answer(blue.received[0])
    assert (await caller.read()).json == "b1"
    caller.writer.write(endpoint.request())
    assert (await caller.read()).json == "g1"
    states = [event["state"] for event in endpoint.events if event.get("instance") == "b1"]
    assert states == ["ready", "leaving", "gone"]


async def test_bye_stops_requests_and_loses_none(endpoint: Endpoint) -> None:
    endpoint.add("blue", "b1", "b2")
    await endpoint.start()
    leaving, other = endpoint.instances["b1"], endpoint.instances["b2"]
    leaving.on_request = other.on_request = lambda _: None
    tasks = await endpoint.asked(4)
    await endpoint.until(lambda: len(leaving.received) == len(other.received) == 2)
    other.on_request = other.answer
    for each in list(other.received):
        other.answer(each)
    leaving.say(frame.BYE)
    await endpoint.until(lambda: not endpoint.is_ready("b1"))
    count = len(leaving.received)
    more = await endpoint.asked(4)
    assert await _all(more) == [200] * 4
    assert len(leaving.received) == count
    assert other.received
    for each in list(leaving.received):
        leaving.answer(each)
    assert await _all(tasks) == [200] * 4


async def test_a_client_that_has_gone_disturbs_nobody(endpoint: Endpoint) -> None:
    await endpoint.start()
    blue = endpoint.instances["b1"]
    blue.on_request = lambda _: None
    caller = await endpoint.connect()
    caller.writer.write(endpoint.request())
    await endpoint.until(lambda: blue.received)
    caller.close()
    await endpoint.until(lambda: not endpoint.router.clients)
    blue.answer(blue.received[0])
    counters = endpoint.router.deployments["blue"].counters
    await endpoint.until(lambda: counters.in_flight == 0)
    assert counters.failures == {"ClientGone": 1}
    blue.on_request = blue.answer
    assert (await endpoint.ask()).status == 200


@pytest.mark.parametrize(
    ("limit", "sent"), [("header_seconds", -10), ("body_seconds", -1), ("idle_seconds", None)]
)
async def test_a_slow_client_is_ended(endpoint: Endpoint, limit: str, sent: int | None) -> None:
    endpoint.table["limits"] = {limit: 0.05}
    await endpoint.start()
    caller = await endpoint.connect()
    if sent is not None:
        caller.writer.write(endpoint.request()[:sent])
        reply = await caller.read()
        assert reply.status == 408
    assert await caller.is_closed()
    assert not endpoint.instances["b1"].received


async def test_connections_are_bounded(endpoint: Endpoint) -> None:
    endpoint.table["limits"] = {"max_connections": 2}
    await endpoint.start()
    for _ in range(2):
        await endpoint.connect()
    await endpoint.until(lambda: len(endpoint.router.clients) == 2)
    third = await endpoint.connect()
    assert (await third.read()).status == 503


async def test_what_large_bodies_take_together_is_bounded(endpoint: Endpoint) -> None:
    endpoint.table["limits"] = {"buffered_bytes": 1000}
    await endpoint.start()
    first = await endpoint.connect()
    first.writer.write(endpoint.request(b"x" * 900)[:-1])
    await endpoint.until(lambda: endpoint.router.buffered == 900)
    second = await endpoint.connect()
    second.writer.write(endpoint.request(b"x" * 900)[:-1])
    assert (await second.read()).code == "Busy"
    first.writer.write(b"x")
    assert (await first.read()).status == 200
    assert endpoint.router.buffered == 0


async def test_figures_only_grow_and_say_how_busy_it_was(endpoint: Endpoint) -> None:
    await endpoint.start()
    blue = endpoint.instances["b1"]
    blue.on_request = lambda _: None
    tasks = await endpoint.asked(3)
    await endpoint.until(lambda: len(blue.received) == 3)
    told = endpoint.router.state()["deployments"]["blue"]
    assert (told["in_flight"], told["queued"], told["requests"]) == (3, 0, 3)
    for each in blue.received:
        blue.answer(each)
    await _all(tasks)
    after = endpoint.router.state()["deployments"]["blue"]
    assert after["in_flight"] == 0
    assert after["statuses"] == {"200": 3}
    assert sum(after["latency"]) == 3
    assert after["busy_seconds"] > told["busy_seconds"]
