"""A job's events, each once and in order, whatever happens to the service meanwhile.

Events are on disk before anyone sees them and are numbered, so whoever was cut off asks again
from the last number it saw. Who follows also brings the service back when it died: a transport
that may start it does so with the first request that finds nobody.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import msgspec

from jupyter_aml.client.transport import Stream
from jupyter_aml.model.errors import Busy, Unauthorized, Unavailable
from jupyter_aml.model.event import Event
from jupyter_aml.model.job import Job
from jupyter_aml.model.lifecycle import JOB

if TYPE_CHECKING:
    from jupyter_aml.client.client import Client
    from jupyter_aml.client.jobs import Jobs

PATIENCE_SECONDS = 60.0
"""How long the service may be out of reach before following gives up."""
SILENCE_SECONDS = 45.0
"""Three heartbeats: a stream that is silent for longer is dead."""

_FIRST_WAIT_SECONDS = 0.05
_LONGEST_WAIT_SECONDS = 1.0


class _JobLine(msgspec.Struct):
    job: Job


_event = msgspec.json.Decoder(Event)
_job_line = msgspec.json.Decoder(_JobLine)


class Following:
    """The events of `job` after number `after`.

    `stream` opens the first stream; without it, and after a break, ``jobs.events`` is asked.
    """

    def __init__(
        self,
        jobs: Jobs,
        job: str,
        *,
        after: int = 0,
        stream: Callable[[], Stream] | None = None,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self.job = job
        self.after = after
        self.is_waiting = False
        """True while the next event is waited for: an interrupt then loses nothing."""
        self.before_wait: Callable[[], None] = _nothing
        """Called when `is_waiting` has become True; what it raises ends the waiting."""
        self.has_started = False
        """A stream was opened once: the job is there."""
        self._jobs = jobs
        self._open = stream
        self._stream: Stream | None = None
        self._patience = patience
        self._told: bytes | None = None
        self._is_final = False
        self._is_closed = False

    def start(self) -> None:
        """Open the first stream, so that a refusal is raised here."""
        if self._stream is None:
            self._reopen_once()

    def next_event(self, timeout: float | None = None) -> Event | None:
        """The next event, or None after the last one.

        Raise TimeoutError if none came within `timeout` seconds (ask again), and `Unavailable`
        if the service stayed away for too long.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while not (self._is_final and self._stream is None):
            line = self._next_line(deadline)
            if line is None:
                if self._is_final or self._has_ended():
                    break
                continue
            if line.startswith(b'{"job"'):
                self._accepted(line)
                continue
            if len(line) <= 2:
                continue  # a heartbeat, or nothing
            event = _event.decode(line)
            if event.seq > self.after:
                self._is_final = event.kind == "status" and event.status in JOB.final
                self.after = event.seq
                return event
        return None

    def outcome(self) -> Job:
        """The job as it ended, or as it is now if it has not."""
        return _job_line.decode(self._told).job if self._told else self._jobs.get(self.job)

    def close(self) -> None:
        """Stop following. A thread that waits in `next_event` gets `Unavailable`."""
        self._is_closed = True
        self._drop()

    def __iter__(self) -> Iterator[Event]:
        try:
            while (event := self.next_event()) is not None:
                yield event
        finally:  # also when who reads stops; it may go on later
            self._drop()

    def _accepted(self, line: bytes) -> None:
        """A line with the job itself: accepted at first, ended at last."""
        if self._is_final:
            self._told = line
        # From here on the job is there, and a break is answered by asking for its events.
        self._open = None

    def _has_ended(self) -> bool:
        """Whether a stream that ended without a final status has nothing more to say.

        So it is if that status was seen before; else the service is on its way down.
        """
        try:
            self._is_final = self._jobs.get(self.job).status in JOB.final
        except Unavailable:
            return False
        if not self._is_final:
            time.sleep(_FIRST_WAIT_SECONDS)
        return self._is_final

    def _next_line(self, deadline: float | None) -> bytes | None:
        """A line of the present stream, or of a new one if that broke.

        None where a stream ended, b"" where one broke.
        """
        try:
            # Not waiting while a stream is opened: interrupted, it would be open and nobody's.
            stream = self._stream or self._reopen(deadline)
            self.is_waiting = True
            self.before_wait()
            line = stream.read_line(_until(deadline))
        except TimeoutError:
            if _until(deadline) == 0:
                raise
            # Longer than any heartbeat may take.
            self._drop()
            return b""
        except Unavailable:
            if self._stream is None:
                raise
            self._drop()
            return b""
        except BaseException:
            # An interrupt may have come in the middle of a line: ask again from `after`.
            self._drop()
            raise
        finally:
            self.is_waiting = False
        if line is None:
            self._stream = None
        return line

    def _reopen(self, deadline: float | None) -> Stream:
        """Ask again from the last event seen, until somebody answers."""
        if self._is_closed:
            raise self._no_longer()
        give_up = time.monotonic() + self._patience
        wait = _FIRST_WAIT_SECONDS
        while True:
            try:
                return self._reopen_once()
            except (Unavailable, Unauthorized, Busy) as error:
                if self._is_closed:
                    raise
                now = time.monotonic()
                if now + wait > give_up:
                    raise self._lost(error) from error
                if deadline is not None and now + wait > deadline:
                    self._pause(max(0.0, deadline - now))
                    raise TimeoutError("the service does not answer") from error
                self._pause(wait)
                wait = min(wait * 2, _LONGEST_WAIT_SECONDS)

    def _pause(self, seconds: float) -> None:
        """Sleep, unless interrupted."""
        self.is_waiting = True
        try:
            self.before_wait()
            time.sleep(seconds)
        finally:
            self.is_waiting = False

    def _reopen_once(self) -> Stream:
        opener = self._open
        self._stream = opener() if opener else self._jobs.events(self.job, after=self.after)
        self.has_started = True
        if self._is_closed:
            # `close` came from another thread while this one was asking, and saw no stream.
            self._drop()
            raise self._no_longer()
        return self._stream

    def _drop(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()

    def _no_longer(self) -> Unavailable:
        return Unavailable("This is no longer followed.", target=self.job)

    def _lost(self, error: Exception) -> Unavailable:
        return Unavailable(
            f"The compute service has not answered for {self._patience:.0f} s. "
            f"The job {self.job} goes on without it.",
            target=self.job,
            hint=f"Once it is back: %aml job stream {self.job}",
            details=[str(error)],
        )


def _nothing() -> None:
    pass


def _until(deadline: float | None) -> float:
    """Seconds to wait for a line: up to the deadline, and never beyond a missed heartbeat."""
    if deadline is None:
        return SILENCE_SECONDS
    return min(SILENCE_SECONDS, max(0.0, deadline - time.monotonic()))


def follow(
    client: Client,
    job: str,
    after: int = 0,
    *,
    wait: bool = True,
    patience: float = PATIENCE_SECONDS,
) -> Iterator[Event]:
    """The events of `job` after number `after`, until it ends: never a double, never a gap.

    With ``wait=False`` only what is there already. Raise `NotFound` if there is no such job, and
    `Unavailable` if the service stays out of reach for `patience` seconds; the job goes on.
    """
    if wait:
        return iter(Following(client.jobs, job, after=after, patience=patience))
    return present(client.jobs, job, after)


def present(jobs: Jobs, job: str, after: int = 0) -> Iterator[Event]:
    """The events that are there now."""
    stream = jobs.events(job, after=after, wait=False)
    try:
        while (line := stream.read_line(SILENCE_SECONDS)) is not None:
            if len(line) > 2:
                yield _event.decode(line)
    finally:  # also when who reads stops
        stream.close()
