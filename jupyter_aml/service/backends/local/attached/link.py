"""`AttachedLink`: an attached machine, as the engine knows every node: by messages.

It takes ``run``, ``cancel`` and ``forget`` and gives ``exited``; what a node process does for jobs
of this machine, a `Following` does for each job of the attached one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_aml.model.errors import AmlError, Internal, Unavailable
from jupyter_aml.service.attached.protocol import AttachedKind
from jupyter_aml.service.backends.local.attached.following import Following
from jupyter_aml.service.backends.local.state import LiveCompute, LiveJob
from jupyter_aml.service.spawning import Spawning

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.engine import Engine

log = logging.getLogger(__name__)

Message = dict[str, Any]

_AGAIN_SECONDS = 15.0
"""Pause before a machine that does not answer is asked again, while no job does that anyway."""


class AttachedLink(Spawning):
    """Of one attached machine. See `nodes.link.Link`."""

    def __init__(self, engine: Engine, compute: LiveCompute, machine: AttachedKind) -> None:
        super().__init__()
        self.name = compute.name
        self.pid: int | None = None
        self.created: float | None = None
        self.on_message: Callable[[Message], None] = _ignore
        self.on_lost: Callable[[], None] = _nothing
        self._engine = engine
        self._compute = compute
        self._machine = machine
        self._following: dict[tuple[str, int], Following] = {}
        self._wishes: dict[tuple[str, int], float] = {}
        """Grace of those that are to end, and are not followed yet."""
        self._is_told: set[str] = set()
        """Jobs whose log says that the machine does not answer."""

    # -- messages -------------------------------------------------------------------------------

    async def open(self, *, seconds: float = 30.0) -> Message:
        """It has no state of its own to tell: what it runs, the jobs' folders say (`machines`)."""
        await asyncio.wait_for(self._machine.check(), seconds)
        return {"op": "state", "jobs": [], "exits": []}

    def send(self, *messages: Message) -> bool:
        for message in messages:
            if message["op"] == "run":
                self.follow(message["job"], message["attempt"])
            elif message["op"] == "cancel":
                self._cancel(message)
        return True

    def send_soon(self, message: Message) -> None:
        if message["op"] == "forget":
            key = message["job"], message["attempt"]
            self._following.pop(key, None)
            self.spawn(self._forget(f"{key[0]}-{key[1]}"), f"forget {key[0]}")

    def close(self) -> None:
        """End what goes on for it here; on the machine nothing ends."""
        for running in self._tasks:
            running.cancel()

    async def ended(self, *, seconds: float) -> bool:  # noqa: ARG002 - of the protocol
        """Nothing of ours runs once it is let go of."""
        return True

    def remove(self) -> None:
        """It leaves nothing on this disk."""

    # -- jobs -----------------------------------------------------------------------------------

    def follow(self, job: str, attempt: int) -> None:
        """Start it there, or go on with it: that is the same thing."""
        live = self._engine.jobs[job]
        claim = live.layout.attempt(attempt) / "claim.0"
        with contextlib.suppress(FileExistsError), claim.open("x") as stream:
            claim.chmod(0o600)
            stream.write(msgspec.json.encode({"attached": self.name}).decode())
        following = Following(self, self._machine, job, attempt)
        self._following[job, attempt] = following
        self.spawn(self._run(following, live), f"follow {job}")
        if (grace := self._wishes.pop((job, attempt), None)) is not None:
            following.stop(live, grace)

    async def _run(self, following: Following, live: LiveJob) -> None:
        try:
            await following.run(live)
        except Exception as error:  # whatever it is, is the job's end: nobody else would tell it
            if not isinstance(error, AmlError):
                log.exception("job %s on %s", following.job, self.name)
                error = Internal(f"{type(error).__name__}: {error}", target=following.job)
            about = {"job": following.job, "attempt": following.attempt, "rank": 0, "code": None}
            message = {"reason": "StartFailed", "message": error.message, "error": error.body()}
            self.on_message({"op": "exited", **about, **message})

    def _cancel(self, message: Message) -> None:
        key = message["job"], message["attempt"]
        live = self._engine.jobs.get(key[0])
        if key in self._following and live is not None:
            self._following[key].stop(live, message["grace"])
        else:
            self._wishes[key] = message["grace"]

    async def _forget(self, there: str) -> None:
        # What stays there for want of a connection, the agent removes in some days.
        with contextlib.suppress(AmlError):
            await self._machine.forget(there)

    def collecting(self, live: LiveJob) -> None:
        """Its process has ended; what it left is fetched now."""
        if live.job.status == "Running":
            self._engine.runs.move(live, "Finalizing", f"fetching its outputs from {self.name}")

    # -- whether it answers ---------------------------------------------------------------------

    def answered(self, live: LiveJob | None = None) -> None:
        if live is not None and live.name in self._is_told:
            self._is_told.discard(live.name)
            live.log.append("notice", text=f"{self.name} answers again.\n")
        if self._compute.compute.state == "Unusable":
            self._engine.change_compute(self._compute, state="Running", error="")
            self._engine.wake(self._compute)

    def silent(self, live: LiveJob | None, error: AmlError) -> None:
        """It does not answer now. Jobs on it are not given up for that."""
        if self._engine.closing:
            return  # it was we who let go
        words = f"{error.message} {error.hint}".strip()
        if live is not None and live.name not in self._is_told:
            self._is_told.add(live.name)
            text = f"{words}\nWhat runs there goes on; it is asked again until it answers.\n"
            live.log.append("notice", text=text)
        if self._compute.compute.state == "Running":
            self._engine.change_compute(self._compute, state="Unusable", error=words)
            self.spawn(self.ask_again(), f"ask {self.name} again")
        elif self._compute.compute.error != words:
            self._engine.change_compute(self._compute, error=words)

    async def ask_again(self) -> None:
        """Until it answers. Called for a machine that is Unusable."""
        while self._compute.compute.state == "Unusable":
            try:
                found = await self._machine.check()
            except Unavailable:
                await asyncio.sleep(_AGAIN_SECONDS)
            else:
                self._engine.change_compute(self._compute, machine=found)
                self.answered()


def _ignore(_: Message) -> None:
    return


def _nothing() -> None:
    return
