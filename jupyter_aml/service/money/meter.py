"""The meter: whose time each node's time is, and what it lists at.

A node's time is one tape without gaps: from when it came up until it is gone every moment belongs
to the jobs that have it (each to its share) or to nobody (idle). Receipts are read off the same
tape, so receipts and idle time sum to what the nodes cost.

Who calls: a backend, whenever a node comes, goes, or has other jobs (`Meter.change`), and once a
job has ended (`Meter.taken`). Lengths are measured by the monotonic clock; across a restart of
the service by the wall clock, since nodes outlive it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from jupyter_aml.model.money import EntryKind
from jupyter_aml.service.clock import Clock, Timer
from jupyter_aml.service.money import ledger
from jupyter_aml.service.money.days import Days
from jupyter_aml.service.money.ledger import NANO, Entry
from jupyter_aml.service.money.words import HOUR
from jupyter_aml.service.store.db import Store

log = logging.getLogger(__name__)

WRITE_SECONDS = 0.05
"""How long a change of owners may wait for company in its commit."""
DRIFT_SECONDS = 5.0
"""More than this between both clocks means that one of them was set."""
TICK_SECONDS = 5.0
"""How often a tape that goes on is written: no more is uncertain after a `kill -9`."""


Key = tuple[str, int, str]
"""Node, turn and job: the key of an entry."""


@dataclass(frozen=True)
class Tariff:
    """What a node is charged as."""

    compute: str
    size: str
    per_hour: float
    idle: EntryKind
    """The kind of its time without a job."""


@dataclass
class Tape:
    """One node that is up. ``owners`` maps each job that has it to its notebook."""

    node: str
    tariff: Tariff
    up_since: float
    since: float
    """When this turn began, by the wall clock; ``since_tick`` by the monotonic one."""
    since_tick: float
    turn: int = 0
    owners: dict[str, str] = field(default_factory=dict[str, str])


@dataclass
class Spent:
    """Sums of one day, in billionths of a dollar."""

    total: int = 0
    by_compute: dict[str, int] = field(default_factory=dict[str, int])
    by_notebook: dict[str, int] = field(default_factory=dict[str, int])

    def add(self, compute: str, notebook: str, nanos: int) -> None:
        self.total += nanos
        self.by_compute[compute] = self.by_compute.get(compute, 0) + nanos
        if notebook:
            self.by_notebook[notebook] = self.by_notebook.get(notebook, 0) + nanos

    def join(self, other: Spent) -> None:
        self.total += other.total
        for into, part in (
            (self.by_compute, other.by_compute),
            (self.by_notebook, other.by_notebook),
        ):
            for name, nanos in part.items():
                into[name] = into.get(name, 0) + nanos


class Meter:
    """Tapes of the nodes of one workspace that cost something."""

    def __init__(self, store: Store, clock: Clock, days: Days | None = None) -> None:
        self._store = store
        self._clock = clock
        self._days = days or Days()
        self._tapes: dict[str, Tape] = {}
        self._jobs: dict[str, dict[tuple[str, int], Entry]] = {}
        self._open: dict[Key, Entry] = {}
        """Entries of the tapes' present turns, as they were last counted."""
        self._unwritten: dict[Key, tuple[int, Entry]] = {}
        """What the store does not have yet, numbered in the order in which it was counted."""
        self._counts = 0
        self._spent: dict[str, Spent] = {}
        self._timer: Timer | None = None
        self._due = 0.0

    @property
    def tapes(self) -> Mapping[str, Tape]:
        return self._tapes

    # -- what happens to nodes ------------------------------------------------------------------

    def begin(self, node: str, tariff: Tariff, *, came_up: float | None = None) -> None:
        """A node is up, or was adopted from an earlier service: then its tape goes on."""
        now = self._clock.time()
        last = ledger.last_turn(self._store.reader, node)
        if not last:
            since = now if came_up is None else min(came_up, now)
            self._tapes[node] = self._tape(node, tariff, since, since, 0)
        else:
            until = last[0].started + sum(entry.seconds for entry in last)
            tape = self._tape(node, tariff, until, last[0].started, last[0].turn + 1)
            tape.owners = {e.job: e.notebook for e in last if e.job and self._is_live(e.job)}
            self._tapes[node] = tape
        self._arm(WRITE_SECONDS)

    def _tape(self, node: str, tariff: Tariff, since: float, up_since: float, turn: int) -> Tape:
        passed = max(0.0, self._clock.time() - since)
        return Tape(node, tariff, up_since, since, self._clock.monotonic() - passed, turn)

    def _is_live(self, job: str) -> bool:
        found = self._store.reader.execute("SELECT 1 FROM live_jobs WHERE name = ?", (job,))
        return found.fetchone() is not None

    def change(self, node: str, owners: Mapping[str, str], *, at: float | None = None) -> None:
        """From now on a node is `owners`' (job to notebook); from `at`, if that was earlier.

        It cannot be earlier than the change before this one.
        """
        tape = self._tapes[node]
        if owners.keys() == tape.owners.keys():
            return
        tick = self._clock.monotonic()
        if at is not None:
            tick = max(tape.since_tick, tick - max(0.0, self._clock.time() - at))
        self._settle(tape, tick)
        self._turn(tape, tick - tape.since_tick)
        tape.owners = dict(owners)
        for job in owners:
            self._of_job(job)
        self._arm(WRITE_SECONDS)

    def gone(self, node: str) -> None:
        """A node costs nothing any more. One that never did is no error."""
        tape = self._tapes.get(node)
        if tape is not None:
            self._settle(tape, self._clock.monotonic())
            del self._tapes[node]
            self._turn(tape, 0.0)
            self.write()

    # -- what is read off -----------------------------------------------------------------------

    def taken(self, job: str, *, ended: float | None = None) -> tuple[float, int]:
        """Node seconds and billionths of a dollar of a job that has ended, for its receipt.

        `ended` is when, if it ended while nobody watched. What is written from now on for the
        job stays as it is.
        """
        for node, tape in self._tapes.items():
            if job in tape.owners:
                others = {name: book for name, book in tape.owners.items() if name != job}
                self.change(node, others, at=ended)
        entries = self._of_job(job).values()
        self.write()
        del self._jobs[job]
        return sum(e.seconds for e in entries), sum(e.nanos for e in entries)

    def spent(self) -> Spent:
        """What was spent today, up to now."""
        self.settle()
        return self._day(self._days.of(self._clock.time()))

    # -- keeping it -----------------------------------------------------------------------------

    def settle(self) -> None:
        """Count every tape up to now."""
        tick = self._clock.monotonic()
        for tape in self._tapes.values():
            self._settle(tape, tick)
            self._follow_wall_clock(tape, tick)

    def write(self) -> None:
        """Give the store what it does not have yet, before anything that is written after this."""
        entries, self._unwritten = self._unwritten, {}
        if entries:
            wanted = [entry for _, entry in entries.values()]
            writing = self._store.submit(lambda conn: ledger.put_entries(conn, wanted))
            writing.add_done_callback(lambda done: self._written(done, entries))

    def _written(self, done: asyncio.Future[None], entries: dict[Key, tuple[int, Entry]]) -> None:
        """A disk that was full gets them again with the next write, the newest of each."""
        if done.cancelled() or (error := done.exception()) is None:
            return
        log.warning("the ledger could not be written: %s", error)
        for key, counted in entries.items():
            known = self._unwritten.get(key)
            if known is None or known[0] < counted[0]:
                self._unwritten[key] = counted

    def close(self) -> None:
        """The service ends, the nodes do not."""
        self.settle()
        self.write()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self, seconds: float) -> None:
        """Count and write within `seconds`, and from then on every tick while a node is up."""
        due = self._clock.monotonic() + seconds
        if self._timer is not None:
            if self._due <= due:
                return
            self._timer.cancel()
        self._due = due
        self._timer = self._clock.call_later(seconds, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self.settle()
        self.write()
        if self._tapes:
            self._arm(TICK_SECONDS)

    # -- counting -------------------------------------------------------------------------------

    def _settle(self, tape: Tape, tick: float) -> None:
        """Count a tape up to `tick`; at midnight a new turn begins."""
        while tick - tape.since_tick >= (left := self._days.end(tape.since) - tape.since):
            self._count(tape, left)
            self._turn(tape, left)
        self._count(tape, tick - tape.since_tick)

    def _follow_wall_clock(self, tape: Tape, tick: float) -> None:
        """It was set, or the machine slept: the next turn begins at its new time."""
        now = self._clock.time()
        if abs(now - (tape.since + tick - tape.since_tick)) > DRIFT_SECONDS:
            self._turn(tape, tick - tape.since_tick)
            tape.since = now

    def _count(self, tape: Tape, seconds: float) -> None:
        if seconds <= 0 and not self._counted(tape):
            return
        tariff, day = tape.tariff, self._days.of(tape.since)
        share = seconds / max(1, len(tape.owners))
        nanos = round(tariff.per_hour / HOUR * share * NANO)
        for job, notebook in (tape.owners or {"": ""}).items():
            kind = "job" if job else tariff.idle
            self._put(
                Entry(
                    tape.node,
                    tape.turn,
                    job,
                    kind,
                    day,
                    tariff.compute,
                    tariff.size,
                    notebook,
                    tape.since,
                    share,
                    nanos,
                )
            )

    def _put(self, entry: Entry) -> None:
        key = entry.node, entry.turn, entry.job
        before = self._open.get(key)
        grown = entry.nanos - (before.nanos if before else 0)
        self._day(entry.day).add(entry.compute, entry.notebook, grown)
        self._counts += 1
        self._open[key], self._unwritten[key] = entry, (self._counts, entry)
        if entry.job:
            self._of_job(entry.job)[entry.node, entry.turn] = entry

    def _counted(self, tape: Tape) -> list[Key]:
        return [key for key in self._open if key[:2] == (tape.node, tape.turn)]

    def _turn(self, tape: Tape, seconds: float) -> None:
        """The present turn has taken `seconds` and is over: what follows has rows of its own."""
        counted = self._counted(tape)
        for key in counted:
            del self._open[key]
        tape.turn += bool(counted)
        tape.since += seconds
        tape.since_tick += seconds

    def _of_job(self, job: str) -> dict[tuple[str, int], Entry]:
        """A job's entries; those of an earlier service are read when it is first asked for."""
        known = self._jobs.get(job)
        if known is None:
            stored = ledger.of_job(self._store.reader, job)
            known = self._jobs[job] = {(entry.node, entry.turn): entry for entry in stored}
        return known

    def _day(self, day: str) -> Spent:
        known = self._spent.get(day)
        if known is None:
            known = Spent()
            for compute, notebook, nanos in ledger.sums_of_day(self._store.reader, day):
                known.add(compute, notebook, nanos)
            self._spent = {name: sums for name, sums in self._spent.items() if name >= day}
            self._spent[day] = known
        return known
