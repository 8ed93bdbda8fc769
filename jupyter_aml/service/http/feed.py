"""The change feed: one stream per open tab, with the followed jobs' events multiplexed into it.

A feed never holds more than one line per name and one batch per followed job: of each thing
the newest state, and events from the log at the reader's own pace. So a slow reader costs no
memory and slows nobody.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from contextlib import aclosing
from typing import Any

import msgspec

from jupyter_aml.model.api import FeedCommand, FollowJob
from jupyter_aml.model.errors import Busy, Invalid, NotFound
from jupyter_aml.service.backends.protocol import JobsFacet
from jupyter_aml.service.clock import Clock, iso

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 15.0
CHANGES_SECONDS = 0.015
"""Least time between two batches of changes; events of jobs pass at once."""
FEED_LIMIT = 64
_ID = re.compile(r"[a-zA-Z0-9-]{8,64}")

_encode = msgspec.json.Encoder().encode

State = Callable[[], Iterable[tuple[str, str, msgspec.Struct]]]
Value = msgspec.Struct | Callable[[], msgspec.Struct] | None
"""A state, what gives it, or None for what is gone."""


class Feeds:
    """The `Changes` that backends publish to, and the facet that serves ``feed.*``.

    `state` gives what a new feed is told first, `find_jobs` the jobs of the current workspace.
    """

    def __init__(
        self, *, version: str, clock: Clock, state: State, find_jobs: Callable[[], JobsFacet | None]
    ) -> None:
        self._version = version
        self._clock = clock
        self._state = state
        self._find_jobs = find_jobs
        self._feeds: dict[str, Feed] = {}

    def publish(self, noun: str, name: str, value: msgspec.Struct | None) -> None:
        for feed in self._feeds.values():
            feed.change(noun, name, value)

    def publish_newest(self, noun: str, name: str, make: Callable[[], msgspec.Struct]) -> None:
        for feed in self._feeds.values():
            feed.change(noun, name, make)

    async def open(self, feed: str) -> AsyncIterator[bytes]:
        """A feed under an id of the caller's choice; an open one of the same id ends."""
        if not _ID.fullmatch(feed):
            raise Invalid(
                f"{feed!r} cannot name a feed.",
                target="feed",
                hint="8 to 64 letters, digits and -; choose at random.",
            )
        if len(self._feeds) >= FEED_LIMIT and feed not in self._feeds:
            raise Busy(
                f"{FEED_LIMIT} feeds are open already.", hint="Close some tabs and try again."
            )
        if feed in self._feeds:
            self._feeds.pop(feed).close()
        opened = self._feeds[feed] = Feed(self._clock)
        hello = _encode({"type": "hello", "version": self._version, "feed": feed}) + b"\n"
        present = [_change(*known) for known in self._state()]
        return self._lines(feed, opened, hello + b"".join(present))

    async def command(self, feed: str, *, body: FeedCommand) -> None:
        """Follow or unfollow a job. Raises `NotFound` for a feed or a job that is not there."""
        opened = self._feeds.get(feed)
        if opened is None:
            raise NotFound(
                f"No feed {feed!r} is open.",
                target="feed",
                hint="Open it first: GET /v1/feed/<id>.",
            )
        if body.follow is not None:
            jobs = self._find_jobs()
            if jobs is None:
                raise NotFound("This workspace has no jobs.", target="job")
            query = FollowJob(after=body.follow.after)
            opened.follow(body.follow.job, await jobs.events(body.follow.job, query=query))
        if body.unfollow is not None:
            opened.unfollow(body.unfollow.job)

    def close(self) -> None:
        """Every feed ends."""
        for feed in self._feeds.values():
            feed.close()
        self._feeds.clear()

    async def _lines(self, name: str, feed: Feed, first: bytes) -> AsyncGenerator[bytes]:
        try:
            yield first
            async with aclosing(feed.batches()) as batches:
                async for batch in batches:
                    yield batch
        finally:
            feed.close()
            if self._feeds.get(name) is feed:
                del self._feeds[name]


class Feed:
    """What one reader has not been sent yet."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._changes: dict[tuple[str, str], Value] = {}
        self._follows: dict[str, Follow] = {}
        self._news = asyncio.Event()
        self._closed = False

    def change(self, noun: str, name: str, value: Value) -> None:
        """Made and encoded when it is sent: of what changes quickly only the newest state is."""
        is_first = not self._changes
        self._changes[noun, name] = value
        if is_first:
            self._news.set()

    def follow(self, job: str, batches: AsyncIterator[bytes]) -> None:
        """Also send a job's events; following it again begins anew from the new place."""
        self.unfollow(job)
        self._follows[job] = Follow(job, batches, self._news.set)

    def unfollow(self, job: str) -> None:
        follow = self._follows.pop(job, None)
        if follow is not None:
            follow.close()

    def close(self) -> None:
        self._closed = True
        for job in list(self._follows):
            self.unfollow(job)
        self._news.set()

    async def batches(self) -> AsyncGenerator[bytes]:
        """NDJSON as it becomes due, a heartbeat after a silence; ends with `close`."""
        silent_since = self._clock.monotonic()
        changes_due = 0.0
        while not self._closed:
            self._news.clear()
            now = self._clock.monotonic()
            parts = self._events()
            if self._changes and now >= changes_due:
                changes, self._changes = self._changes, {}
                parts += [_change(*key, value) for key, value in changes.items()]
                changes_due = now + CHANGES_SECONDS
            if not parts and now - silent_since >= HEARTBEAT_SECONDS:
                parts = [_encode({"type": "heartbeat", "time": iso(self._clock.time())}) + b"\n"]
            if parts:
                yield b"".join(parts)
                silent_since = self._clock.monotonic()
            else:
                until = changes_due if self._changes else silent_since + HEARTBEAT_SECONDS
                await self._wait(until - now)

    def _events(self) -> list[bytes]:
        parts: list[bytes] = []
        for job, follow in list(self._follows.items()):
            parts += follow.take()
            if follow.ended:
                parts.append(_encode({"type": "end", "job": job}) + b"\n")
                del self._follows[job]
        return parts

    async def _wait(self, seconds: float) -> None:
        timer = self._clock.call_later(max(0.0, seconds), self._news.set)
        try:
            await self._news.wait()
        finally:
            timer.cancel()


class Follow:
    """Reads one job's events, one batch ahead of the feed at most."""

    def __init__(self, job: str, batches: AsyncIterator[bytes], news: Callable[[], None]) -> None:
        self._job = job
        self._news = news
        self._ready = b""
        self._taken = asyncio.Event()
        self._finished = False
        self._task = asyncio.get_running_loop().create_task(self._read(batches))

    @property
    def ended(self) -> bool:
        """Whether everything was taken and nothing more will come."""
        return self._finished and not self._ready

    def take(self) -> list[bytes]:
        if not self._ready:
            return []
        ready, self._ready = self._ready, b""
        self._taken.set()
        return [ready]

    def close(self) -> None:
        self._task.cancel()

    async def _read(self, batches: AsyncIterator[bytes]) -> None:
        try:
            async for batch in batches:
                events = [line for line in batch.split(b"\n") if line not in (b"", b"{}")]
                if events:
                    self._ready = _events_line(self._job, events)
                    self._taken.clear()
                    self._news()
                    await self._taken.wait()
        except Exception:  # the tab is told that the job's events end here; it may ask again
            log.exception("the events of job %s ended early", self._job)
        finally:
            self._finished = True
            self._news()
            close: Any = getattr(batches, "aclose", None)
            if close is not None:
                await close()


def _change(noun: str, name: str, value: Value) -> bytes:
    newest = value() if callable(value) else value
    change = {"type": "change", "noun": noun, "name": name, "object": newest}
    return _encode(change) + b"\n"


def _events_line(job: str, events: list[bytes]) -> bytes:
    return b'{"type":"events","job":%b,"events":[%b]}\n' % (_encode(job), b",".join(events))
