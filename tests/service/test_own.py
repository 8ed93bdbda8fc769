"""The service's own facets."""

from __future__ import annotations

import asyncio

import pytest

from jupyter_aml.model.api import StopService
from jupyter_aml.model.errors import Conflict
from jupyter_aml.model.storage import PruneReport, PruneStorage
from jupyter_aml.model.workspace import ServiceStatus
from jupyter_aml.service.own import ServiceFacet
from jupyter_aml.service.watchdog import watch_lag
from jupyter_aml.testing.clock import FakeClock
from jupyter_aml.testing.waiting import eventually


async def no_prune(body: PruneStorage) -> PruneReport:
    raise AssertionError("nobody asked for it")


class Process:
    def __init__(self, **running: int) -> None:
        self.running = running
        self.ended = False

    def status(self) -> ServiceStatus:
        return ServiceStatus(state="running", pid=7, running=self.running)

    async def end_everything(self) -> None:
        self.ended = True


@pytest.mark.parametrize(
    ("running", "words"),
    [
        ({"jobs": 1}, "1 job."),
        ({"jobs": 2, "nodes": 1}, "2 jobs and 1 node."),
        ({"jobs": 0, "nodes": 3, "endpoints": 1}, "3 nodes and 1 endpoint."),
        ({"jobs": 2, "nodes": 3, "endpoints": 1}, "2 jobs, 3 nodes and 1 endpoint."),
    ],
)
async def test_a_refusal_says_what_would_be_ended(running: dict[str, int], words: str) -> None:
    process = Process(**running)
    with pytest.raises(Conflict) as refused:
        await ServiceFacet(process, no_prune).stop(body=StopService())
    assert refused.value.message.endswith(words)
    assert not process.ended
    stopped = await ServiceFacet(process, no_prune).stop(body=StopService(force=True))
    assert stopped.state == "stopped"
    assert process.ended


async def test_nothing_under_way_stops_at_once() -> None:
    process = Process(jobs=0, nodes=0)
    assert (await ServiceFacet(process, no_prune).stop(body=StopService())).state == "stopped"


async def test_a_held_up_event_loop_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    class Late(FakeClock):
        """Wakes 80 ms after it should, every other time."""

        late = False

        async def sleep(self, seconds: float) -> None:
            self.late = not self.late
            self.advance(seconds + (0.08 if self.late else 0.01))
            await asyncio.sleep(0)

    task = asyncio.ensure_future(watch_lag(Late()))

    async def logged() -> bool:
        return len(caplog.records) >= 2

    await eventually(logged)
    task.cancel()
    assert caplog.messages[0] == "the event loop was held up for 80 ms"
