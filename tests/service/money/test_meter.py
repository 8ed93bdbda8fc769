"""The meter: receipts and idle time sum to what the nodes cost, whatever happens in between."""

from __future__ import annotations

import asyncio
import tempfile
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_aml.model.errors import StorageFull
from jupyter_aml.service.money import ledger
from jupyter_aml.service.money.meter import HOUR, NANO, TICK_SECONDS, Meter
from jupyter_aml.testing.waiting import eventually
from tests.service.money.office_floor import CLUSTER, INSTANCE, START, UTC, Floor


async def test_a_nodes_time_is_its_jobs_or_idle(floor: Floor) -> None:
    floor.up("n1")
    floor.clock.advance(60)
    await floor.accept("j1")
    floor.take("n1", "j1", "a.ipynb")
    floor.clock.advance(600)
    seconds, nanos = floor.end("j1")
    floor.clock.advance(30)
    floor.gone("n1")
    assert seconds == pytest.approx(600)
    assert nanos == round(CLUSTER.per_hour * 600 / HOUR * NANO)
    assert [(e.kind, e.job, e.notebook, round(e.seconds)) for e in await floor.entries()] == [
        ("idle", "", "", 60),
        ("job", "j1", "a.ipynb", 600),
        ("idle", "", "", 30),
    ]


async def test_jobs_that_share_an_instance_share_its_price(floor: Floor) -> None:
    floor.up("box-1", INSTANCE)
    for job in ("j1", "j2"):
        await floor.accept(job)
        floor.take("box-1", job)
    floor.clock.advance(100)
    first, _ = floor.end("j1")
    floor.clock.advance(100)
    second, _ = floor.end("j2")
    assert (first, second) == (pytest.approx(50), pytest.approx(150))
    floor.clock.advance(7)
    assert [e.kind for e in await floor.entries()] == ["job", "job", "job", "instance"]


async def test_a_job_on_two_nodes_takes_the_time_of_both(floor: Floor) -> None:
    await floor.accept("j1")
    for node in ("n1", "n2"):
        floor.up(node)
        floor.take(node, "j1")
    floor.clock.advance(10)
    floor.leave("n1", "j1")
    floor.clock.advance(5)
    assert floor.end("j1")[0] == pytest.approx(25)


async def test_retries_are_one_receipt(floor: Floor) -> None:
    await floor.accept("j1")
    floor.up("n1")
    floor.take("n1", "j1")
    floor.clock.advance(10)
    floor.gone("n1")
    await floor.kill()
    floor.up("n2")
    floor.take("n2", "j1")
    floor.clock.advance(3)
    assert floor.end("j1")[0] == pytest.approx(13)


async def test_midnight_parts_an_entry(floor: Floor) -> None:
    floor.up("n1")
    await floor.accept("j1")
    floor.take("n1", "j1")
    floor.clock.advance(50 * HOUR)
    seconds, nanos = floor.end("j1")
    found = await floor.entries()
    assert [(e.day, round(e.seconds / HOUR)) for e in found] == [
        ("2026-11-21", 22),
        ("2026-11-22", 24),
        ("2026-11-23", 4),
    ]
    assert (seconds, nanos) == (sum(e.seconds for e in found), sum(e.nanos for e in found))


async def test_spent_today_begins_anew_at_midnight(floor: Floor) -> None:
    floor.up("n1")
    floor.clock.advance(2 * HOUR)
    assert floor.meter.spent().total == pytest.approx(2 * CLUSTER.per_hour * NANO)
    floor.clock.advance(21 * HOUR)
    assert floor.meter.spent().total == pytest.approx(1 * CLUSTER.per_hour * NANO)
    assert floor.meter.spent().by_compute == {"gpu": floor.meter.spent().total}


async def test_a_set_clock_changes_no_length(floor: Floor) -> None:
    floor.up("n1")
    floor.clock.advance(10)
    for jump in (3 * HOUR, -2 * HOUR):
        floor.clock.jump(jump)
        floor.clock.advance(10)
    floor.gone("n1")
    assert sum(e.seconds for e in await floor.entries()) == pytest.approx(30)


async def test_entries_are_told_apart_by_day_after_the_clock_was_set(floor: Floor) -> None:
    floor.up("n1")
    floor.clock.advance(10)
    floor.clock.jump(24 * HOUR)
    floor.clock.advance(TICK_SECONDS)
    floor.clock.advance(10)
    floor.gone("n1")
    found = {e.day: e.seconds for e in await floor.entries()}
    assert found["2026-11-22"] == pytest.approx(10, abs=TICK_SECONDS)


async def test_what_ended_while_nobody_watched_ends_then(floor: Floor) -> None:
    """The service was away for an hour; the job's node wrote that it ended after a minute."""
    await floor.accept("j1")
    floor.up("n1")
    floor.take("n1", "j1")
    floor.clock.advance(10)
    await floor.store.flush()
    ended = floor.clock.time() + 60
    floor.meter.close()
    floor.clock.advance(HOUR)
    floor.meter = Meter(floor.store, floor.clock, UTC)
    await floor.store.flush()
    floor.meter.begin("n1", CLUSTER)
    assert floor.meter.tapes["n1"].owners == {"j1": ""}
    floor.meter.change("n1", {}, at=ended)
    assert floor.meter.taken("j1")[0] == pytest.approx(70)
    floor.gone("n1")
    assert sum(e.seconds for e in await floor.entries()) == pytest.approx(10 + HOUR)


async def test_a_receipt_ends_the_ownership_of_a_job_that_is_known_to_have_ended(
    floor: Floor,
) -> None:
    await floor.accept("j1")
    floor.up("n1")
    floor.take("n1", "j1")
    floor.clock.advance(10)
    assert floor.meter.taken("j1", ended=START + 4)[0] == pytest.approx(4)
    floor.clock.advance(10)
    floor.gone("n1")
    assert [(e.job, round(e.seconds)) for e in await floor.entries()] == [("j1", 4), ("", 16)]


async def test_a_job_that_has_its_receipt_gets_no_time_of_the_next_service(floor: Floor) -> None:
    """The last row of the node is a job's, and that job is over: what follows is idle."""
    floor.up("n1")
    floor.take("n1", "never-accepted")  # as one whose end is in the store
    floor.clock.advance(10)
    floor.meter.close()
    floor.owners["n1"].clear()
    floor.clock.advance(10)
    await floor.kill()
    floor.clock.advance(10)
    assert sum(e.seconds for e in await floor.entries() if e.job) == pytest.approx(10)


async def test_a_node_that_nobody_wrote_down_counts_from_when_it_came_up(floor: Floor) -> None:
    """The service was killed a moment after it had started the node, and was away for an hour."""
    came_up = floor.clock.time()
    floor.clock.advance(HOUR)
    floor.meter.begin("n1", CLUSTER, came_up=came_up)
    floor.meter.change("n1", {"j1": ""}, at=came_up + 60)
    assert floor.meter.taken("j1")[0] == pytest.approx(HOUR - 60)
    assert [(e.job, round(e.seconds)) for e in await floor.entries()] == [("", 60), ("j1", 3540)]


async def test_nothing_is_written_for_a_node_that_is_gone(floor: Floor) -> None:
    floor.up("n1")
    floor.clock.advance(10)
    floor.gone("n1")
    before = await floor.entries()
    floor.clock.advance(100)
    assert await floor.entries() == before
    assert floor.clock.timers == 0


async def test_a_full_disk_loses_no_entry(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    floor.up("n1")
    await floor.accept("j1")
    floor.take("n1", "j1")
    floor.clock.advance(60)

    def refused(*_given: object) -> None:
        raise StorageFull("The disk is full.")

    with monkeypatch.context() as full:
        full.setattr(ledger, "put_entries", refused)
        _, nanos = floor.end("j1")
        await floor.entries()

    async def is_whole() -> bool:
        return sum(e.nanos for e in await floor.entries() if e.job) == nanos

    await eventually(is_whole)


# -- whatever happens -----------------------------------------------------------------------

NODES = ("n1", "n2", "box")
JOBS = ("j1", "j2", "j3", "j4")
_steps = st.lists(
    st.one_of(
        st.tuples(st.just("up"), st.sampled_from(NODES), st.just("")),
        st.tuples(st.just("gone"), st.sampled_from(NODES), st.just("")),
        st.tuples(st.just("take"), st.sampled_from(NODES), st.sampled_from(JOBS)),
        st.tuples(st.just("leave"), st.sampled_from(NODES), st.sampled_from(JOBS)),
        st.tuples(st.just("end"), st.just(""), st.sampled_from(JOBS)),
        st.tuples(st.just("kill"), st.just(""), st.just("")),
        st.tuples(st.just("pass"), st.just(""), st.floats(0, 40_000, allow_subnormal=False)),
    ),
    max_size=40,
)


class _Book:
    """What has to be true, counted another way."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.up_at: dict[str, float] = {}
        self.seconds: dict[str, float] = defaultdict(float)
        self.receipts: dict[str, int] = {}
        self.generation = 0

    async def do(self, verb: str, node: str, what: object) -> None:
        floor = self.floor
        name = f"{node}-{self.generation}"
        here = next((known for known in floor.nodes if known.startswith(f"{node}-")), "")
        job = f"{what}"
        if verb == "pass":
            floor.clock.advance(float(what))  # type: ignore[arg-type]
        elif verb == "up" and not here:
            self.generation += 1
            self.up_at[name] = floor.clock.time()
            floor.up(name, INSTANCE if node == "box" else CLUSTER)
        elif verb == "gone" and here:
            self.seconds[here] += floor.clock.time() - self.up_at.pop(here)
            floor.gone(here)
        elif verb == "take" and here and job not in self.receipts:
            await floor.accept(job)
            floor.take(here, job, f"{job}.ipynb")
        elif verb == "leave" and here:
            floor.leave(here, job)
        elif verb == "end" and job not in self.receipts:
            self.receipts[job] = floor.end(job)[1]
        elif verb == "kill":
            await self._kill()

    async def _kill(self) -> None:
        """What was never written begins when the next service finds it."""
        await self.floor.store.flush()
        for node in self.up_at:
            if not self.floor.store.reader.execute(
                "SELECT 1 FROM ledger WHERE node = ?", (node,)
            ).fetchone():
                self.up_at[node] = self.floor.clock.time()
        await self.floor.kill()

    async def check(self) -> None:
        floor = self.floor
        entries = await floor.entries()
        for node, since in self.up_at.items():
            self.seconds[node] += floor.clock.time() - since
        for node, seconds in self.seconds.items():
            mine = [e for e in entries if e.node == node]
            assert sum(e.seconds for e in mine) == pytest.approx(seconds, abs=1e-3)
            price = (INSTANCE if node.startswith("box") else CLUSTER).per_hour
            nanos = sum(e.nanos for e in mine)
            assert nanos == pytest.approx(price * seconds / HOUR * NANO, abs=len(mine) + 1e6)
        for job, nanos in self.receipts.items():
            assert sum(e.nanos for e in entries if e.job == job) == nanos
        for entry in entries:
            assert UTC.of(entry.started) == entry.day
            assert entry.started + entry.seconds <= UTC.end(entry.started) + 1e-3
        today = UTC.of(floor.clock.time())
        assert floor.meter.spent().total == sum(e.nanos for e in entries if e.day == today)


@settings(max_examples=60)
@given(_steps)
def test_receipts_and_idle_time_sum_to_what_the_nodes_cost(
    steps: list[tuple[str, str, object]],
) -> None:
    async def live() -> None:
        with tempfile.TemporaryDirectory() as folder:
            floor = Floor(Path(folder))
            try:
                book = _Book(floor)
                for step in steps:
                    await book.do(*step)
                await book.check()
                await floor.kill()
                assert floor.meter.spent().total == sum(
                    e.nanos for e in await floor.entries() if e.day == UTC.of(floor.clock.time())
                )
            finally:
                floor.close()

    asyncio.run(live())
