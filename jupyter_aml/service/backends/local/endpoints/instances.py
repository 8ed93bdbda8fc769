"""Instances: scoring processes that are started, measured, probed, drained and found again."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_aml.model.errors import ErrorBody
from jupyter_aml.service.backends.local.endpoints import tables
from jupyter_aml.service.backends.local.endpoints.layout import InstanceLayout
from jupyter_aml.service.backends.local.endpoints.state import (
    LiveDeployment,
    LiveEndpoint,
    LiveInstance,
)
from jupyter_aml.service.backends.local.endpoints.world import BOOT
from jupyter_aml.service.backends.local.jobs.tasks import clean_environment
from jupyter_aml.service.backends.local.machine.sizes import Share
from jupyter_aml.service.endpoints import planning, probes
from jupyter_aml.service.endpoints.records import ProcessRecord
from jupyter_aml.service.store import endpoint_rows

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.endpoints.engine import Endpoints

log = logging.getLogger(__name__)

_DRAIN_SECONDS = 30.0
"""How long requests in flight may take before an instance that leaves is ended all the same."""
_KEPT_FOLDERS = 5
"""Of ended instances of one deployment: their consoles say why they ended."""


class Instances:
    """Of one engine."""

    def __init__(self, engine: Endpoints) -> None:
        self._engine = engine

    # -- starting -------------------------------------------------------------------------------

    def add(self, live: LiveEndpoint, one: LiveDeployment, count: int) -> None:
        """In the books at once, so that the planner counts them; each started in its own task."""
        for _ in range(count):
            name = f"{one.name}-{secrets.token_hex(3)}"
            share = self._share(one)
            record = ProcessRecord(
                name=name,
                endpoint=live.name,
                deployment=one.name,
                generation=one.record.generation,
                marker=self._engine.world.marker(f"{live.name}/{name}"),
                cpus=self._engine.least_used_cpus(share.cores),
                memory_bytes=share.memory_bytes,
                started_at=self._engine.now(),
            )
            instance = LiveInstance(record, live.layout.instance(one.name, name))
            instance.began = self._engine.world.clock.monotonic()
            probe = one.record.spec.readiness_probe
            instance.is_held = not probes.is_first_answer_enough(probe)
            one.instances[name] = instance
            self._engine.spawn(self._start(live, one, instance), f"start instance {name}")

    def _share(self, one: LiveDeployment) -> Share:
        spec, sizes = one.record.spec, self._engine.world.sizes
        return sizes.share(sizes.get(spec.instance_type), spec.scale_settings.max_instances)

    async def _start(self, live: LiveEndpoint, one: LiveDeployment, instance: LiveInstance) -> None:
        """Each step is stored before the next, so that the next service knows what exists."""
        world, record, at = self._engine.world, instance.record, instance.at
        await world.store.write(lambda conn: endpoint_rows.save_process(conn, record))
        prepared = one.prepared
        if prepared is None or prepared.generation != record.generation:
            await self._forget(live, one, instance)  # changed meanwhile
            return
        config = tables.scoring_config(
            live.name,
            one.record.spec,
            record.name,
            at,
            kind=prepared.kind,
            model_dir=prepared.model_dir,
            code_dir=prepared.code_dir,
        )
        tables.write(at.config, config)
        at.socket.unlink(missing_ok=True)
        try:
            launched = await self._engine.launch(
                [prepared.python, str(BOOT), "score", str(at.config)],
                env=self.environment(len(record.cpus), record.marker, prepared.python),
                log=at.console,
                cpus=record.cpus,
            )
        except OSError as error:
            log.warning("instance %s was not started: %s", record.name, error)
            self._ended_badly(live, one, instance, not_started(prepared.python, error))
            return
        instance.record = msgspec.structs.replace(
            record, pid=launched.pid, created=launched.created
        )
        stored = instance.record
        await world.store.write(lambda conn: endpoint_rows.save_process(conn, stored))
        self._engine.metering.begin(one, instance)
        self.take_up(live, one, instance)
        self._engine.routers.tell_soon(live)
        self._engine.publish_deployment(one)
        if instance.is_wanted_gone:
            self.end(instance)

    def environment(self, cores: int, marker: str, python: str) -> dict[str, str]:
        """Of a scoring process."""
        threads = str(max(1, cores))
        env = clean_environment(os.environ)
        limits = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
        return {
            **env,
            **dict.fromkeys(limits, threads),
            "PATH": os.pathsep.join([str(Path(python).parent), env.get("PATH", os.defpath)]),
            "PYTHONUNBUFFERED": "1",
            "JUPYTER_AML_MARKER": marker,
            "JUPYTER_AML_HOME": str(self._engine.world.folders.home),
        }

    def take_up(self, live: LiveEndpoint, one: LiveDeployment, instance: LiveInstance) -> None:
        """Watch a process that runs."""
        instance.watch = self._engine.world.launcher.watch(
            instance.process, lambda code: self._ended(live, one, instance, code)
        )
        self._engine.probing.begin(live, one, instance)

    # -- what happens to them -------------------------------------------------------------------

    def ready(self, live: LiveEndpoint, one: LiveDeployment, instance: LiveInstance) -> None:
        """It answers: the router is connected to it. One that is held is not ready by that."""
        if instance.state != "Starting" or instance.is_held:
            return
        instance.state, instance.reason = "Ready", ""
        passed = self._engine.world.clock.monotonic() - instance.began
        instance.ready_seconds = round(passed, 3)
        one.failures, one.start_at = 0, 0.0
        self._engine.usual.answered(one, instance)
        self._engine.instance_answers(live, one, instance)

    def hold(
        self, live: LiveEndpoint, one: LiveDeployment, instance: LiveInstance, reason: str
    ) -> None:
        """It gets no request, and goes on, until its readiness probe is content again."""
        instance.state, instance.is_held, instance.reason = "Unhealthy", True, reason
        self._engine.routers.tell_soon(live)
        if not one.answering():
            self._engine.tell(one, f"no instance is ready: {instance.name}: {reason}")
        else:
            self._engine.publish_deployment(one)

    def release(self, live: LiveEndpoint, one: LiveDeployment, instance: LiveInstance) -> None:
        """Its readiness probe is content: it gets requests."""
        instance.is_held = False
        self._engine.routers.tell_soon(live)
        if instance.state == "Starting":
            self.ready(live, one, instance)
            return
        instance.state, instance.reason = "Ready", ""
        self._engine.tell(one, "")

    def _ended(
        self, live: LiveEndpoint, one: LiveDeployment, instance: LiveInstance, code: int | None
    ) -> None:
        """Its process is gone, whoever ended it."""
        instance.watch = None
        if self._engine.closing:
            return
        if instance.is_wanted_gone or one.is_deleting:
            self._engine.spawn(self._forget(live, one, instance), f"forget {instance.name}")
            return
        said = read_state(instance.at)
        failure = said.get("failure")
        body = failure_of(instance.name, failure) if failure else _died(instance, code)
        self._ended_badly(live, one, instance, body, said_why=bool(failure))

    def _ended_badly(
        self,
        live: LiveEndpoint,
        one: LiveDeployment,
        instance: LiveInstance,
        error: ErrorBody,
        *,
        said_why: bool = False,
    ) -> None:
        instance.state, instance.reason = "Ended", error.message
        log.warning("instance %s of %s ended: %s", instance.name, live.name, error.message)
        is_of_now = one.is_current(instance)
        self._engine.spawn(self._forget(live, one, instance), f"forget {instance.name}")
        if not is_of_now:
            self._engine.wake(live, one)
            return
        one.failures += 1
        one.start_at = self._engine.world.clock.monotonic() + planning.pause(one.failures)
        verdict = planning.after_end(
            proven=one.record.has_been_ready,
            said_why=said_why,
            failures=one.failures,
            answering=len(one.answering()),
        )
        if verdict.failed:
            one.is_hopeless = not verdict.again
            self._engine.fail(live, one, error)
        else:
            self._engine.tell(one, f"an instance ended and is started again: {error.message}")
        self._engine.wake(live, one)

    # -- ending ---------------------------------------------------------------------------------

    def drain(self, live: LiveEndpoint, instance: LiveInstance) -> None:
        """No new request; it is ended when the router says that nothing of it is in flight."""
        was_ready = instance.state == "Ready"
        instance.state, instance.is_wanted_gone, instance.is_held = "Draining", True, False
        self._engine.routers.tell_soon(live)
        if not was_ready or live.control is None:
            self.end(instance)
            return
        instance.timer = self._engine.world.clock.call_later(
            _DRAIN_SECONDS, lambda: self.end(instance)
        )

    def end(self, instance: LiveInstance) -> None:
        """SIGTERM, and SIGKILL to what does not mind it; its watch tells of the end."""
        instance.is_wanted_gone = True
        if instance.timer is not None:
            instance.timer.cancel()
        if instance.record.pid:
            self._engine.spawn(
                self._engine.end_process(instance.process, seconds=_DRAIN_SECONDS),
                f"end instance {instance.name}",
            )

    def kill(self, instance: LiveInstance, reason: str) -> None:
        """End one that is no good any more; another takes its place."""
        instance.state, instance.reason, instance.is_held = "Unhealthy", reason, False
        self._engine.world.launcher.kill(instance.process)

    async def _forget(
        self, live: LiveEndpoint, one: LiveDeployment, instance: LiveInstance
    ) -> None:
        """Out of the books."""
        one.instances.pop(instance.name, None)
        if instance.timer is not None:
            instance.timer.cancel()
        self._engine.metering.gone(one, instance)
        instance.at.socket.unlink(missing_ok=True)
        store = self._engine.world.store
        await store.write(lambda conn: endpoint_rows.delete_process(conn, live.name, instance.name))
        if one.is_deleting or live.is_deleting:
            return
        await asyncio.to_thread(_tidy, instance.at.folder.parent, set(one.instances))
        self._engine.routers.tell_soon(live)
        self._engine.publish_deployment(one)
        self._engine.wake(live, one)


def read_state(at: InstanceLayout) -> Mapping[str, Any]:
    """What a scoring process says of itself; empty while it has said nothing."""
    try:
        return msgspec.json.decode(at.state.read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.MsgspecError):
        return {}


def failure_of(who: str, failure: Mapping[str, Any]) -> ErrorBody:
    """The person's own line, and the raw traceback."""
    line, text = failure.get("line"), str(failure.get("text") or "").strip()
    file = str(failure.get("file") or "")
    where = f"{Path(file).name}, line {line}" if file and line else who
    return ErrorBody(
        code=str(failure.get("code") or "UserScriptInitFailed"),
        message=str(failure.get("message") or "The script failed."),
        target=f"{where}: {text}" if text else where,
        hint=_hint(failure),
        details=[str(part) for part in failure.get("traceback") or ()],
    )


def _hint(failure: Mapping[str, Any]) -> str:
    if failure.get("code") == "PackageMissing":
        return (
            "Deploy to an environment that has the package: `%aml environment create NAME "
            "--pip PACKAGE`, then --environment NAME."
        )
    return "Correct it, and deploy again under the same name."


def _died(instance: LiveInstance, code: int | None) -> ErrorBody:
    """It ended and wrote nothing of why: the end of its console says most."""
    tail = console_tail(instance.at.console)
    how = f"exit code {code}" if code is not None and code >= 0 else f"signal {-(code or 0)}"
    said = instance.reason or f"its process ended ({how if code is not None else 'unknown how'})"
    return ErrorBody(
        code="InstanceLost",
        message=f"Instance {instance.name}: {said}.",
        target=instance.name,
        hint="`%aml online-deployment logs` shows what it printed.",
        details=tail,
    )


def not_started(python: str, error: OSError) -> ErrorBody:
    return ErrorBody(
        code="InstanceLost",
        message=f"{python} could not be started: {error.strerror or error}.",
        target=python,
        hint="Deploy to another environment: --environment NAME:VERSION",
    )


def console_tail(path: Path) -> list[str]:
    try:
        return path.read_bytes()[-4000:].decode("utf-8", "replace").splitlines()[-20:]
    except OSError:
        return []


def _tidy(folder: Path, alive: set[str]) -> None:
    """Keep the newest few folders of instances that ended."""
    if not folder.is_dir():
        return
    ended = [path for path in folder.iterdir() if path.name not in alive]
    ended.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for path in ended[_KEPT_FOLDERS:]:
        shutil.rmtree(path, ignore_errors=True)
