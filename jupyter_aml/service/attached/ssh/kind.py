"""`Ssh`: jobs on a machine that ``ssh`` reaches. See `service.attached.protocol.AttachedKind`.

One connection carries everything but files; `channel` keeps it, `agent` is at its other end.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncGenerator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from jupyter_aml.model.compute import AttachedMachine
from jupyter_aml.service.attached.protocol import Observation, Task
from jupyter_aml.service.attached.ssh.channel import Channel
from jupyter_aml.service.attached.ssh.config import SshConfig
from jupyter_aml.service.attached.ssh.transfer import Transfers

_LOOK_SECONDS = 20.0
"""How long the agent may wait for news before it answers that there are none."""


class Ssh:
    """One machine. The handle of a job is its id: the folder there has that name."""

    Config: ClassVar[type[msgspec.Struct]] = SshConfig

    def __init__(self, config: msgspec.Struct) -> None:
        assert isinstance(config, SshConfig)
        self._config = config
        self._channel = Channel(config)
        self._transfers = Transfers(config)

    @property
    def address(self) -> str:
        return self._config.address

    async def check(self) -> AttachedMachine:
        hello = await self._channel.open()
        return AttachedMachine(
            cores=int(hello["cores"]),
            max_jobs=self._config.max_jobs or 0,
            memory_bytes=int(hello["memory"]),
            disk_free_bytes=int(hello["disk"]),
            system=str(hello["system"]),
            python=str(hello["python"]),
            address=self.address,
            warnings=[str(one) for one in hello["warnings"]],
        )

    async def send(self, job: str, files: Mapping[str, Path]) -> None:
        if not files:
            await self._channel.ask("make", job)
            return
        await self._channel.open()  # the agent is there afterwards, and what is wrong is told soon
        await asyncio.to_thread(self._transfers.send, job, files)

    async def folder(self, job: str) -> str:
        return f"{(await self._channel.open())['root']}/jobs/{job}"

    async def start(self, job: str, task: Task) -> str:
        told = msgspec.to_builtins(task)
        await self._channel.ask("start", job, **told)
        return job

    async def logs(
        self, handle: str, offsets: Mapping[str, int]
    ) -> AsyncGenerator[tuple[str, bytes]]:
        at = dict(offsets)
        while True:
            told = await self._channel.ask("look", handle, wait=_LOOK_SECONDS, offsets=at)
            for stream, text in told["data"].items():
                data = base64.b64decode(text)
                at[stream] += len(data)
                yield stream, data
            if not told["data"] and told["status"]["state"] != "running":
                return

    async def poll(self, handle: str) -> Observation:
        return _observation(await self._channel.ask("status", handle))

    async def stop(self, handle: str, grace: float) -> None:
        await self._channel.ask("stop", handle, grace=grace)

    async def fetch(self, handle: str, names: Sequence[str], into: Path) -> None:
        left = await self._channel.ask("left", handle, names=list(names))
        if left["names"]:
            await asyncio.to_thread(self._transfers.fetch, handle, left["names"], into)

    async def forget(self, handle: str) -> None:
        await self._channel.ask("forget", handle)

    async def close(self) -> None:
        self._transfers.close()
        await self._channel.close()


def _observation(told: dict[str, Any]) -> Observation:
    known = {name: told[name] for name in Observation.__struct_fields__ if name in told}
    return msgspec.convert(known, Observation)
