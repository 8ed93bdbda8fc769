"""A meter over a real store, with a clock that a test moves, and nodes that cost."""

from __future__ import annotations

from datetime import timezone
from pathlib import Path

from jupyter_aml.model.job import CommandJob, Job
from jupyter_aml.service.clock import iso
from jupyter_aml.service.money.days import Days
from jupyter_aml.service.money.ledger import Entry
from jupyter_aml.service.money.meter import Meter, Tariff
from jupyter_aml.service.store import rows
from jupyter_aml.service.store.db import Store
from jupyter_aml.testing.clock import FakeClock

CLUSTER = Tariff("gpu", "Standard_NC6s_v3", 3.06, "idle")
INSTANCE = Tariff("box", "Standard_D4s_v3", 0.192, "instance")
START = 1_795_226_400.0  # 2026-11-21T02:00:00Z
UTC = Days(timezone.utc)


class Floor:
    """Where nodes come and go. `kill` is ``kill -9``: what was not written is lost."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock(START)
        self.store = Store.open(folder / "state.db")
        self.meter = Meter(self.store, self.clock, UTC)
        self.nodes: dict[str, Tariff] = {}
        self.owners: dict[str, dict[str, str]] = {}

    async def accept(self, job: str, notebook: str = "") -> None:
        """A job that has not ended is in the store before anything else happens to it."""
        body = Job(
            name=job,
            spec=CommandJob(command="true", compute="gpu"),
            status="Queued",
            created_at=iso(self.clock.time()),
        )
        await self.store.write(lambda conn: rows.save_job(conn, body))

    def up(self, node: str, tariff: Tariff = CLUSTER) -> None:
        self.nodes[node], self.owners[node] = tariff, {}
        self.meter.begin(node, tariff)

    def take(self, node: str, job: str, notebook: str = "") -> None:
        self.owners[node][job] = notebook
        self.meter.change(node, self.owners[node])

    def leave(self, node: str, job: str) -> None:
        self.owners[node].pop(job, None)
        self.meter.change(node, self.owners[node])

    def gone(self, node: str) -> None:
        del self.nodes[node], self.owners[node]
        self.meter.gone(node)

    def end(self, job: str) -> tuple[float, int]:
        """All its processes are gone: its receipt."""
        for node, owners in self.owners.items():
            if job in owners:
                self.leave(node, job)
        return self.meter.taken(job)

    async def kill(self) -> None:
        """The service dies and another takes its place: it adopts nodes, then their jobs."""
        await self.store.flush()
        self.clock = FakeClock(self.clock.time())  # the dead one's timers stand still for ever
        self.meter = Meter(self.store, self.clock, UTC)
        for node, tariff in self.nodes.items():
            self.meter.begin(node, tariff)
        for node, owners in self.owners.items():
            self.meter.change(node, owners)

    async def entries(self) -> list[Entry]:
        """The ledger, with everything up to now."""
        self.meter.settle()
        self.meter.write()
        await self.store.flush()
        found = self.store.reader.execute("SELECT * FROM ledger ORDER BY node, turn, job")
        names = [column[0] for column in found.description]
        return [Entry(**dict(zip(names, row, strict=True))) for row in found]

    def close(self) -> None:
        self.store.close()
