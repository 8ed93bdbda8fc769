"""The attached machines of the local workspace: they come, take jobs, are taken up again, go."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_aml.model.compute import AttachedCompute, AttachedMachine, Compute
from jupyter_aml.model.errors import AmlError, ErrorBody, Invalid, Unavailable
from jupyter_aml.model.names import check_name
from jupyter_aml.service.attached import registry
from jupyter_aml.service.attached.protocol import AttachedKind
from jupyter_aml.service.backends.local.attached import task
from jupyter_aml.service.backends.local.attached.link import AttachedLink
from jupyter_aml.service.backends.local.state import LiveCompute, LiveJob, LiveNode, NodeRecord
from jupyter_aml.service.store import rows

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.engine import Engine

Message = dict[str, Any]

KEYS = "attached"
"""Below the home: keys that came with a machine through the compatible API, one file each."""

_PAUSE_SECONDS = 1.0
"""Before files are sent again to a machine that does not answer."""


class Attached:
    """Of one engine. A machine is one node, which is there for as long as it is attached."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._machines: dict[str, AttachedKind] = {}
        self._links: dict[str, AttachedLink] = {}

    # -- coming and going -----------------------------------------------------------------------

    async def attach(self, spec: AttachedCompute) -> LiveCompute:
        """See `ComputeFacet.attach`."""
        engine = self._engine
        check_name("compute", spec.name)
        if known := engine.computes.get(spec.name):
            known.check_same(spec)
            return known
        machine = registry.make(spec.kind, spec.config)
        try:
            found = await machine.check()
            live = self._new(spec, found)
            await engine.store.write(
                lambda conn: rows.save_compute(conn, live.compute), durable=True
            )
        except BaseException as error:
            await machine.close()
            if isinstance(error, Unavailable):
                raise _refusal(error) from error
            raise
        if known := engine.computes.get(spec.name):  # another was quicker
            await machine.close()
            known.check_same(spec)
            return known
        engine.computes[spec.name] = live
        self._hold(live, machine)
        engine.publish_compute(live)
        return live

    def _new(self, spec: AttachedCompute, found: AttachedMachine) -> LiveCompute:
        now = self._engine.now()
        compute = Compute(
            spec=spec, state="Running", created_at=now, state_since=now, machine=found
        )
        return LiveCompute(compute=compute)

    def _hold(self, live: LiveCompute, machine: AttachedKind) -> LiveNode:
        """Into the books, as a node that is up."""
        engine = self._engine
        link = AttachedLink(engine, live, machine)
        node = LiveNode(record=_record(live), link=link, state_since=engine.now())
        link.on_message = lambda message: engine.messages.received(live, node, message)
        live.nodes[node.name] = node
        self._machines[live.name], self._links[live.name] = machine, link
        engine.fleet.set_state(node, "idle")
        return node

    async def let_go(self, live: LiveCompute) -> None:
        """Its jobs have ended: close the connection, and keep nothing that opens it."""
        self._links.pop(live.name, None)
        machine = self._machines.pop(live.name, None)
        if machine is not None:
            await machine.close()
        key = self._engine.folders.home / KEYS / f"{live.name}.key"
        key.unlink(missing_ok=True)

    async def close(self) -> None:
        """The service ends; what runs there goes on."""
        for link in self._links.values():
            link.close()
        await asyncio.gather(*(machine.close() for machine in self._machines.values()))

    # -- a service begins -----------------------------------------------------------------------

    def adopt(self) -> dict[str, Message]:
        """Take up the machines of an earlier service; the ``state`` of each node by its name.

        Nobody is asked for it: the folders of the jobs say which of them were sent.
        """
        states: dict[str, Message] = {}
        for live in self._engine.computes.values():
            spec = live.compute.spec
            if isinstance(spec, AttachedCompute):
                node = self._hold(live, registry.make(spec.kind, spec.config))
                states[node.name] = self._state(live.name)
        return states

    def _state(self, compute: str) -> Message:
        state: Message = {"op": "state", "jobs": [], "exits": []}
        for job in rows.active_jobs(self._engine.store.reader):
            if job.spec.compute != compute:
                continue
            folder = self._engine.folders.layout(job.name).folder
            attempt = max([job.attempt, *_attempts(folder)])
            about = {"job": job.name, "attempt": attempt, "rank": 0}
            if (exit_ := _read(folder / str(attempt) / "exit.0")) is not None:
                state["exits"].append({**exit_, **about})
            elif (folder / str(attempt) / "claim.0").exists():
                state["jobs"].append(about)
        return state

    def go_on(self, live: LiveCompute) -> None:
        """Follow the jobs that run there again; every job is known by now."""
        link = self._links[live.name]
        for node in live.nodes.values():
            for name in node.jobs:
                job = self._engine.jobs[name].job
                link.follow(name, job.attempt)
        if live.compute.state == "Unusable":
            link.spawn(link.ask_again(), f"ask {live.name} again")

    # -- a job begins ---------------------------------------------------------------------------

    def has(self, live: LiveJob) -> bool:
        """Whether it runs on an attached machine."""
        return live.job.spec.compute in self._machines

    def sending(self, live: LiveCompute) -> str:
        """What is done for a job before it starts there; "" for a compute of this machine."""
        return f"sending its files to {live.name}" if live.is_attached else ""

    async def send(self, live: LiveJob) -> None:
        """Bring its files there; waits for as long as the machine does not answer."""
        engine = self._engine
        machine = self._machines.get(live.job.spec.compute)
        if machine is None:
            return
        link = self._links[live.job.spec.compute]
        while not live.ending:
            try:
                files = task.files(live.job, live.layout)
                await machine.send(task.job_id(live.job), files)
            except Unavailable as error:
                if engine.closing:
                    raise asyncio.CancelledError from error  # the next service sends them
                link.silent(live, error)
                await asyncio.sleep(_PAUSE_SECONDS)
            else:
                link.answered(live)
                return


def _refusal(error: AmlError) -> Invalid:
    hint = f"{error.hint} Nothing was attached.".strip()
    return Invalid(error.message, target=error.target, hint=hint, details=error.details)


def _record(live: LiveCompute) -> NodeRecord:
    machine = live.compute.machine or AttachedMachine(cores=1)
    return NodeRecord(
        name=live.name,
        compute=live.name,
        socket="",
        cpus=list(range(machine.cores)),
        memory_bytes=machine.memory_bytes,
        threads=machine.cores,
        max_jobs=machine.max_jobs or machine.cores,
        note=f"attached: {machine.address}, {machine.system}, Python {machine.python}",
        created_at=live.compute.created_at,
    )


def _attempts(folder: Path) -> list[int]:
    if not folder.is_dir():
        return []
    return [int(path.name) for path in folder.iterdir() if path.name.isdigit()]


def _read(path: Path) -> Message | None:
    try:
        found: Message = msgspec.json.decode(path.read_bytes())
    except (OSError, msgspec.DecodeError):
        return None
    if "error" in found:
        found["error"] = msgspec.convert(found["error"], ErrorBody)
    return found
