"""The change feed: newest state wins, follows are multiplexed, slow readers cost nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from jupyter_aml.model.api import FeedCommand, FollowJob
from jupyter_aml.model.compute import AmlCompute, Compute
from jupyter_aml.model.errors import Busy, Invalid, NotFound
from jupyter_aml.model.job import CommandJob, CreateJob
from jupyter_aml.service.http.feed import Feeds
from jupyter_aml.testing.clock import FakeClock
from jupyter_aml.testing.fakes import FakeBackend
from jupyter_aml.testing.waiting import eventually
from tests.service.http.wire import PATIENCE, Client, Stack

FEED = "a-feed-of-mine"


class Reader:
    """Reads a feed line by line, as a tab does."""

    def __init__(self, feed: AsyncIterator[bytes]) -> None:
        self._feed = feed
        self._lines: list[Any] = []

    async def next(self) -> Any:
        while not self._lines:
            batch = await asyncio.wait_for(anext(self._feed), PATIENCE)
            self._lines = [json.loads(line) for line in batch.splitlines()]
        return self._lines.pop(0)

    async def batch(self) -> list[Any]:
        batch = await asyncio.wait_for(anext(self._feed), PATIENCE)
        return [json.loads(line) for line in batch.splitlines()]

    async def until(self, kind: str) -> list[Any]:
        found = [await self.next()]
        while found[-1]["type"] != kind:
            found.append(await self.next())
        return found


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def backend() -> AsyncIterator[FakeBackend]:
    backend = FakeBackend()
    await backend.open()
    yield backend
    await backend.close(end_everything=True)


@pytest.fixture
async def feeds(backend: FakeBackend, clock: FakeClock) -> AsyncIterator[Feeds]:
    made = Feeds(version="0.1.0", clock=clock, state=backend.state, find_jobs=lambda: backend.jobs)
    backend.changes = made
    yield made
    made.close()


def compute(name: str, nodes: int = 0) -> Compute:
    return Compute(spec=AmlCompute(name=name), state="Steady", current_nodes=nodes)


def follow(job: str, after: int = 0) -> FeedCommand:
    return FeedCommand(follow=FeedCommand.Follow(job, after))


def echo(line: str = "echo one; echo two") -> CreateJob:
    return CreateJob(name="mine", spec=CommandJob(command=line))


async def test_a_feed_begins_with_hello_and_the_present_state(
    feeds: Feeds, backend: FakeBackend
) -> None:
    await backend.jobs.create(body=echo("sleep 60"))
    first = await Reader(await feeds.open(FEED)).batch()
    assert first[0] == {"type": "hello", "version": "0.1.0", "feed": FEED}
    assert [(line["type"], line["noun"], line["name"]) for line in first[1:]] == [
        ("change", "compute", "local"),
        ("change", "job", "mine"),
    ]
    assert first[2]["object"]["displayName"] == "mine"


async def test_of_each_name_a_slow_reader_gets_the_newest_state(
    feeds: Feeds, clock: FakeClock
) -> None:
    reader = Reader(await feeds.open(FEED))
    await reader.batch()
    for number in range(10_000):
        feeds.publish("compute", f"c{number % 3}", compute("x", number))
    feeds.publish("compute", "c0", None)
    changes = await reader.batch()
    assert {
        line["name"]: line["object"] and line["object"]["currentNodes"] for line in changes
    } == {
        "c0": None,
        "c1": 9997,
        "c2": 9998,
    }


async def test_changes_come_at_most_every_few_milliseconds(feeds: Feeds, clock: FakeClock) -> None:
    reader = Reader(await feeds.open(FEED))
    await reader.batch()
    feeds.publish("compute", "a", compute("a"))
    assert len(await reader.batch()) == 1, "the first at once"
    feeds.publish("compute", "b", compute("b"))
    feeds.publish("compute", "c", compute("c"))
    later = asyncio.ensure_future(reader.batch())
    await clock.pass_time(0.010)
    assert not later.done()
    await clock.pass_time(0.010)
    assert len(await later) == 2


async def test_without_a_feed_nothing_is_encoded(feeds: Feeds) -> None:
    feeds.publish("compute", "a", object())  # type: ignore[arg-type]  # would fail to encode


async def test_silence_has_a_heartbeat(feeds: Feeds, clock: FakeClock) -> None:
    reader = Reader(await feeds.open(FEED))
    await reader.batch()
    waiting = asyncio.ensure_future(reader.batch())
    await clock.pass_time(0)
    await clock.pass_time(14)
    assert not waiting.done()
    await clock.pass_time(2)
    (line,) = await waiting
    assert line["type"] == "heartbeat"
    assert line["time"].endswith("Z")


# -- followed jobs --------------------------------------------------------------------------


async def test_followed_jobs_share_the_feed(feeds: Feeds, backend: FakeBackend) -> None:
    reader = Reader(await feeds.open(FEED))
    await backend.jobs.create(body=echo())
    await feeds.command(FEED, body=follow("mine"))
    lines = await reader.until("end")
    events = [event for line in lines if line["type"] == "events" for event in line["events"]]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert [event["text"] for event in events if event["kind"] == "stdout"] == ["one\n", "two\n"]
    assert lines[-1] == {"type": "end", "job": "mine"}


async def test_following_from_a_number_gets_what_comes_after_it(
    feeds: Feeds, backend: FakeBackend
) -> None:
    reader = Reader(await feeds.open(FEED))
    await backend.jobs.create(body=echo())
    await feeds.command(FEED, body=follow("mine", after=3))
    lines = await reader.until("end")
    events = [event for line in lines if line["type"] == "events" for event in line["events"]]
    assert events[0]["seq"] == 4


async def test_a_reader_that_does_not_read_is_not_read_ahead_for(
    feeds: Feeds, backend: FakeBackend
) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield b'{"seq":%d}\n{}\n' % taken

    async def events(name: str, *, query: FollowJob) -> AsyncIterator[bytes]:
        return endless()

    backend.jobs.events = events  # type: ignore[method-assign]
    reader = Reader(await feeds.open(FEED))
    await reader.batch()
    await feeds.command(FEED, body=follow("mine"))
    await _turns()
    assert taken == 1
    assert (await reader.batch())[0]["events"] == [{"seq": 1}]
    await _turns()
    assert taken == 2


async def _turns() -> None:
    """More of the event loop than any task needs that waits for nothing else."""
    for _ in range(100):
        await asyncio.sleep(0)


async def test_unfollowing_ends_the_iterator(feeds: Feeds, backend: FakeBackend) -> None:
    ended = asyncio.Event()

    async def silent() -> AsyncIterator[bytes]:
        try:
            await asyncio.Event().wait()
            yield b""
        finally:
            ended.set()

    async def events(name: str, *, query: FollowJob) -> AsyncIterator[bytes]:
        return silent()

    backend.jobs.events = events  # type: ignore[method-assign]
    await feeds.open(FEED)
    await feeds.command(FEED, body=follow("mine"))
    await asyncio.sleep(0)
    await feeds.command(FEED, body=FeedCommand(unfollow=FeedCommand.Follow("mine")))
    await asyncio.wait_for(ended.wait(), PATIENCE)


async def test_following_what_is_not_there_is_refused(feeds: Feeds) -> None:
    with pytest.raises(NotFound, match="feed"):
        await feeds.command(FEED, body=follow("mine"))
    await feeds.open(FEED)
    with pytest.raises(NotFound, match="mine"):
        await feeds.command(FEED, body=follow("mine"))


async def test_events_that_end_early_are_said_and_do_not_end_the_feed(
    feeds: Feeds, backend: FakeBackend, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b'{"seq":1}\n'
        raise ZeroDivisionError

    async def events(name: str, *, query: FollowJob) -> AsyncIterator[bytes]:
        return broken()

    backend.jobs.events = events  # type: ignore[method-assign]
    reader = Reader(await feeds.open(FEED))
    await feeds.command(FEED, body=follow("mine"))
    await reader.until("end")
    assert "ZeroDivisionError" in caplog.text
    feeds.publish("compute", "a", compute("a"))
    assert (await reader.next())["name"] == "a"


# -- feeds themselves -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["short", "x" * 65, "with/slash", "ümlauts-all", "blank blank"])
async def test_an_id_that_could_be_guessed_or_misread_is_refused(feeds: Feeds, name: str) -> None:
    with pytest.raises(Invalid):
        await feeds.open(name)


async def test_a_feed_opened_again_ends_the_one_before(feeds: Feeds) -> None:
    old = Reader(await feeds.open(FEED))
    await old.batch()
    new = Reader(await feeds.open(FEED))
    await new.batch()
    with pytest.raises(StopAsyncIteration):
        await old.batch()
    feeds.publish("compute", "a", compute("a"))
    assert (await new.next())["name"] == "a"


async def test_there_is_an_end_to_how_many_feeds_there_may_be(feeds: Feeds) -> None:
    opened = [await feeds.open(f"feed-number-{number}") for number in range(64)]
    with pytest.raises(Busy):
        await feeds.open("one-too-many")
    await anext(opened[0])
    await opened[0].aclose()  # type: ignore[attr-defined]
    await feeds.open("one-too-many")


async def test_a_feed_over_http(stack: Stack, client: Client) -> None:
    await client.send(client.request("GET", f"/v1/feed/{FEED}"))
    status, headers = await client.head()
    assert (status, headers["content-type"]) == (200, "application/x-ndjson")
    chunks = client.chunks()
    assert b'"hello"' in await anext(chunks)

    other = await stack.client()
    made = await other.call("POST", "/v1/jobs", {"spec": {"type": "command", "command": "echo x"}})
    name = made.json["name"]
    answer = await other.call("POST", f"/v1/feed/{FEED}", {"follow": {"job": name}})
    assert (answer.status, answer.body) == (200, b"{}")
    text = b""
    async for chunk in chunks:
        text += chunk
        if b'"end"' in text and b'"status":"Completed","statusReason"' in text:
            break
    lines = [json.loads(line) for line in text.splitlines()]
    assert {line["type"] for line in lines} == {"change", "events", "end"}
    newest = [line for line in lines if line["type"] == "change"][-1]
    assert newest["object"]["status"] == "Completed"

    answer = await other.call("POST", f"/v1/feed/{FEED}", {"follow": {"job": "no_such"}})
    assert (answer.status, answer.code) == (404, "NotFound")
    await client.close()

    async def forgotten() -> bool:
        answer = await other.call("POST", f"/v1/feed/{FEED}", {})
        return answer.status == 404

    await eventually(forgotten)


def test_a_change_is_one_line_whatever_its_name() -> None:
    from jupyter_aml.service.http.feed import _change

    line = _change("compute", 'a"\n\u2028b', None)
    assert line.count(b"\n") == 1
    assert msgspec.json.decode(line)["name"] == 'a"\n\u2028b'
