"""What goes on beside everything else: tasks, and processes that are being started or ended."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from jupyter_aml.service.backends.local.endpoints.launching import Launched
from jupyter_aml.service.backends.local.endpoints.state import LiveInstance
from jupyter_aml.service.backends.local.endpoints.world import World
from jupyter_aml.service.spawning import Spawning

_STEP_SECONDS = 0.02


class Background(Spawning):
    """The part of the engine that knows tasks and processes, and nothing of endpoints."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self._launches: set[asyncio.Task[Launched]] = set()
        """Starts of processes that nobody has taken into the books yet."""

    async def settle(self) -> None:
        """End what was spawned; called when the service closes."""
        for task in set(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=5)

    async def launch(
        self, command: Sequence[str], *, env: Mapping[str, str], log: Path, cpus: Sequence[int] = ()
    ) -> Launched:
        """Start a process. Raises `OSError` where that fails.

        A caller that is cancelled meanwhile leaves a process that `end_orphans` ends.
        """
        start = asyncio.get_running_loop().create_task(
            self.world.launcher.launch(command, env=env, log=log, cpus=cpus)
        )
        self._launches.add(start)
        try:
            launched = await asyncio.shield(start)
        except OSError:
            self._launches.discard(start)
            raise
        self._launches.discard(start)
        return launched

    async def end_orphans(self) -> None:
        """After `settle`: processes whose start was under way."""
        for start in list(self._launches):
            with contextlib.suppress(OSError):  # it did not start after all
                await self.end_process(await start, seconds=2.0)
        self._launches.clear()

    async def end_process(self, process: Launched, *, seconds: float) -> None:
        """SIGTERM, and after `seconds` SIGKILL. Returns when it is gone."""
        launcher, clock = self.world.launcher, self.world.clock
        launcher.terminate(process)
        deadline = clock.monotonic() + seconds
        while launcher.alive(process):
            if clock.monotonic() > deadline:
                launcher.kill(process)
                deadline = clock.monotonic() + 1.0
            await clock.sleep(_STEP_SECONDS)

    def is_starting(self, instance: LiveInstance) -> bool:
        """Whether somebody is about to know its pid."""
        name = f"start instance {instance.name}"
        return any(task.get_name() == name for task in self._tasks)
