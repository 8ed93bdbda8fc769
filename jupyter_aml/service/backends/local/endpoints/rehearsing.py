"""`online_deployments.rehearse`: the scoring process with this model, for one request.

What a deployment would start is started, in the same environment and with the same limits, but
without a router and outside of the books. It is ended before the answer is given; one that a
killed service left behind is ended by the next, which knows its marker.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_aml.model.endpoint import Answer, CreateOnlineDeployment, Invoke
from jupyter_aml.model.errors import AmlError, ErrorBody, Unavailable
from jupyter_aml.model.rehearsal import Rehearsal, RehearseDeployment
from jupyter_aml.service.backends.local.endpoints import tables
from jupyter_aml.service.backends.local.endpoints.instances import (
    console_tail,
    failure_of,
    not_started,
    read_state,
)
from jupyter_aml.service.backends.local.endpoints.invoking import read_answer
from jupyter_aml.service.backends.local.endpoints.launching import Launched
from jupyter_aml.service.backends.local.endpoints.layout import InstanceLayout
from jupyter_aml.service.backends.local.endpoints.preparing import Resolved
from jupyter_aml.service.backends.local.endpoints.state import Prepared
from jupyter_aml.service.backends.local.endpoints.world import BOOT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from jupyter_aml.service.backends.local.endpoints.engine import Endpoints

BUILD_SECONDS = 45.0
"""Longer builds go on without us: whoever asks again finds them done."""
LOAD_SECONDS = 45.0
_LOOK_SECONDS = 0.01
_MOST_BYTES = 16 << 20
_NULL = b"null"


class Rehearsing:
    """Of one engine; one rehearsal at a time."""

    def __init__(self, engine: Endpoints, ask: Callable[[str, Invoke], Awaitable[Answer]]) -> None:
        self._engine = engine
        self._ask = ask
        self._alone = asyncio.Lock()

    @property
    def folder(self) -> Path:
        return self._engine.world.folders.home / "rehearsals"

    @property
    def _marker(self) -> str:
        return self._engine.world.marker("rehearsal")

    async def clean(self) -> None:
        """End what an earlier service left."""
        if self.folder.is_dir():
            await self._engine.world.launcher.kill_marked([self._marker])
            await asyncio.to_thread(shutil.rmtree, self.folder, ignore_errors=True)

    async def rehearse(self, body: RehearseDeployment) -> Rehearsal:
        """Raises what creating the deployment would raise; what fails later is in the answer."""
        resolved = await self._engine.preparing.resolve(body.deployment)
        name = secrets.token_hex(4)
        at = InstanceLayout(self.folder / name, self._engine.world.folders.run / f"h-{name}.score")
        async with self._alone:
            try:
                return await self._rehearse(resolved, body, at)
            finally:
                at.socket.unlink(missing_ok=True)
                await asyncio.to_thread(shutil.rmtree, at.folder, ignore_errors=True)

    async def _rehearse(
        self, resolved: Resolved, body: RehearseDeployment, at: InstanceLayout
    ) -> Rehearsal:
        preparing, sizes = self._engine.preparing, self._engine.world.sizes
        spec, place = resolved.spec, resolved.place
        code = at.folder / "code"
        await asyncio.to_thread(preparing.lay_out, spec, resolved.kind, code)
        share = sizes.share(sizes.get(spec.instance_type), 1)
        found = Rehearsal(
            environment=place.environment,
            memory_limit_bytes=share.memory_bytes,
            request_data=await self._request(spec, body),
            warnings=place.warnings,
        )
        began = time.monotonic()
        prepared = await self._prepared(resolved, code)
        if isinstance(prepared, ErrorBody):
            return msgspec.structs.replace(found, error=prepared)
        found = msgspec.structs.replace(found, environment_seconds=_since(began))
        cpus = self._engine.least_used_cpus(share.cores)
        return await self._with_process(spec, prepared, at, cpus, found)

    async def _request(self, spec: CreateOnlineDeployment, body: RehearseDeployment) -> Any:
        model = await self._engine.preparing.model(spec.model)
        if body.request_data is not None or model is None or not model.sample:
            return body.request_data
        try:
            return json.loads(model.sample)
        except ValueError:
            return None  # registered by somebody as something else than JSON

    async def _prepared(self, resolved: Resolved, code: Path) -> Prepared | ErrorBody:
        environment = resolved.place.environment
        making = self._engine.preparing.prepared(
            resolved.spec, resolved.place, 0, code, lambda _: None
        )
        try:
            return await asyncio.wait_for(making, BUILD_SECONDS)
        except asyncio.TimeoutError:
            return Unavailable(
                f"The environment {environment} is still being built.",
                target=environment,
                hint="Rehearse again when it is ready: `%aml environment show "
                f"{environment.partition(':')[0]}`",
            ).body()

    async def _with_process(
        self,
        spec: CreateOnlineDeployment,
        prepared: Prepared,
        at: InstanceLayout,
        cpus: list[int],
        found: Rehearsal,
    ) -> Rehearsal:
        """Start it, ask it, end it."""
        launcher = self._engine.world.launcher
        config = tables.scoring_config(
            spec.endpoint_name,
            spec,
            at.folder.name,
            at,
            kind=prepared.kind,
            model_dir=prepared.model_dir,
            code_dir=prepared.code_dir,
        )
        tables.write(at.config, config)
        env = self._engine.instances.environment(len(cpus), self._marker, prepared.python)
        began = time.monotonic()
        try:
            process = await launcher.launch(
                [prepared.python, str(BOOT), "score", str(at.config)],
                env=env,
                log=at.console,
                cpus=cpus,
            )
        except OSError as error:
            return msgspec.structs.replace(found, error=not_started(prepared.python, error))
        ended = asyncio.Event()
        watch = launcher.watch(process, lambda _: ended.set())
        try:
            error = await self._until_ready(at, ended)
            if error is None:
                found = msgspec.structs.replace(found, load_seconds=_since(began))
                found = await self._asked(spec, process, at, found)
            return msgspec.structs.replace(found, error=error, console=console_tail(at.console))
        finally:
            launcher.kill(process)
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(ended.wait(), 5.0)
            watch.cancel()

    async def _until_ready(self, at: InstanceLayout, ended: asyncio.Event) -> ErrorBody | None:
        """Why it does not come up; None when it has."""
        until = time.monotonic() + LOAD_SECONDS
        while True:
            was_over = ended.is_set()
            said = read_state(at)
            if said.get("failure"):
                return failure_of("the rehearsal", said["failure"])
            if said.get("state") == "ready":
                return None
            if was_over or time.monotonic() > until:
                how = "ended and did not say why" if was_over else "was not ready"
                after = "" if was_over else f" after {LOAD_SECONDS:.0f} s"
                return ErrorBody(
                    code="InstanceLost",
                    message=f"The scoring process {how}{after}.",
                    hint="Its last lines say more.",
                    details=console_tail(at.console),
                )
            await asyncio.sleep(_LOOK_SECONDS)

    async def _asked(
        self,
        spec: CreateOnlineDeployment,
        process: Launched,
        at: InstanceLayout,
        found: Rehearsal,
    ) -> Rehearsal:
        """With its answer, and that of what serves now to the same request."""
        data = msgspec.json.encode(found.request_data)
        answer = serving = None
        name = self._serving(spec)
        if found.request_data is not None:
            answer = await _score(at.socket, data, spec.request_settings.request_timeout)
            if name:
                serving = await self._answer_of(spec.endpoint_name, name, data)
        memory = self._engine.world.launcher.measure(process).memory_bytes
        return msgspec.structs.replace(
            found,
            answer=answer,
            memory_bytes=memory or None,
            serving=name if serving else "",
            serving_answer=serving,
            is_same=_is_same(answer, serving),
        )

    def _serving(self, spec: CreateOnlineDeployment) -> str:
        """The deployment with most of the traffic, if somebody answers there now."""
        live = self._engine.all.get(spec.endpoint_name)
        traffic = live.record.traffic if live is not None else {}
        name = max(traffic, key=lambda one: traffic[one], default="")
        if live is None or not traffic.get(name) or name not in live.deployments:
            return ""
        return name if live.deployments[name].answering() else ""

    async def _answer_of(self, endpoint: str, name: str, data: bytes) -> Answer | None:
        try:
            return await self._ask(
                endpoint, Invoke(request_data=msgspec.Raw(data), deployment=name)
            )
        except AmlError:
            return None  # it does not answer just now, which its own page says


async def _score(socket: Path, data: bytes, seconds: float) -> Answer:
    """``POST /score`` as the router would hand it over. A refusal is an answer too."""
    began = time.monotonic()
    try:
        content = await asyncio.wait_for(_post(str(socket), data), seconds)
    except (OSError, asyncio.TimeoutError, ValueError) as error:
        slow = isinstance(error, asyncio.TimeoutError)
        said = f"no answer within {seconds:g} s" if slow else f"no answer: {error}"
        return Answer(status=408 if slow else 502, body=msgspec.Raw(_NULL), text=said)
    status, body = content
    told, text = read_answer(body)
    return Answer(status=status, body=told, text=text, seconds=_since(began))


async def _post(socket: str, data: bytes) -> tuple[int, bytes]:
    reader, writer = await asyncio.open_unix_connection(socket, limit=_MOST_BYTES)
    try:
        writer.write(
            b"POST /score HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(data) + data
        )
        head, _, body = (await reader.read(-1)).partition(b"\r\n\r\n")
        words = head.split(b"\r\n", 1)[0].split(b" ", 2)
        if len(words) < 2:
            raise ValueError("the process closed the connection")
        return int(words[1]), body
    finally:
        writer.close()


def _is_same(new: Answer | None, old: Answer | None) -> bool | None:
    if new is None or old is None or new.status != 200 or old.status != 200:
        return None
    return _plain(new) == _plain(old)


def _plain(answer: Answer) -> Any:
    return answer.text or json.loads(bytes(answer.body))


def _since(began: float) -> float:
    return round(time.monotonic() - began, 4)
