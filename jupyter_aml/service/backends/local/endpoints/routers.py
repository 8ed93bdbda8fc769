"""Routers: one process per endpoint, always on the same port, always the newest table.

A router goes on serving while the service is down; the next one finds it by pid and start time,
connects and gives it the table again.
"""

from __future__ import annotations

import logging
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_aml.model.errors import AmlError, ErrorBody, Unavailable
from jupyter_aml.service.backends.local.endpoints import tables
from jupyter_aml.service.backends.local.endpoints.control import Control
from jupyter_aml.service.backends.local.endpoints.launching import Launched
from jupyter_aml.service.backends.local.endpoints.layout import ROUTER
from jupyter_aml.service.backends.local.endpoints.state import LiveEndpoint
from jupyter_aml.service.backends.local.endpoints.world import BOOT
from jupyter_aml.service.backends.local.jobs.tasks import clean_environment
from jupyter_aml.service.endpoints import planning
from jupyter_aml.service.endpoints.records import ProcessRecord
from jupyter_aml.service.store import endpoint_rows

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.endpoints.engine import Endpoints

log = logging.getLogger(__name__)

PORT_TAKEN = 3
_PORT_TRIES = 5
_LEAVE_SECONDS = 10.0
_STEP_SECONDS = 0.02
_PAUSE_SECONDS = 0.2
_TAIL = 4000


def free_port() -> int:
    """A port of the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((tables.HOST, 0))
        return int(probe.getsockname()[1])


class Routers:
    """Of one engine."""

    def __init__(self, engine: Endpoints) -> None:
        self._engine = engine

    # -- starting -------------------------------------------------------------------------------

    async def start(self, live: LiveEndpoint) -> None:
        """Bring up the router, trying again until it answers or is not wanted any more."""
        if live.is_starting:
            return
        live.is_starting = True
        try:
            while not live.is_deleting and not self._engine.closing:
                try:
                    await self._start_once(live)
                    return
                except (AmlError, OSError) as error:
                    if not live.is_deleting and not self._engine.closing:
                        await self._did_not_start(live, error)
        finally:
            live.is_starting = False

    async def _start_once(self, live: LiveEndpoint) -> None:
        world = self._engine.world
        live.generation += 1
        tables.write(live.layout.table, self._table(live))
        live.is_told = True
        tables.write(live.layout.router_config, tables.router_config(live.layout))
        record = ProcessRecord(
            name=ROUTER,
            endpoint=live.name,
            marker=world.marker(f"{live.name}/{ROUTER}/{live.generation}"),
            started_at=self._engine.now(),
        )
        await world.store.write(lambda conn: endpoint_rows.save_process(conn, record))
        live.layout.control.unlink(missing_ok=True)
        _keep_short(live.layout.router_log)
        launched = await self._engine.launch(
            [world.python, str(BOOT), "router", str(live.layout.router_config)],
            env=self._environment(record),
            log=live.layout.router_log,
        )
        record = msgspec.structs.replace(record, pid=launched.pid, created=launched.created)
        live.router = record
        await world.store.write(lambda conn: endpoint_rows.save_process(conn, record))
        await self.take_up(live, record)

    def _environment(self, record: ProcessRecord) -> dict[str, str]:
        return clean_environment(os.environ) | {
            "JUPYTER_AML_MARKER": record.marker,
            "JUPYTER_AML_HOME": str(self._engine.world.folders.home),
        }

    async def take_up(self, live: LiveEndpoint, record: ProcessRecord) -> None:
        """Connect to a router that runs, or is just coming up. Raises `Unavailable`."""
        world = self._engine.world
        launched = Launched(record.pid, record.created)
        live.router = record
        live.watch = world.launcher.watch(launched, lambda code: self._ended(live, record, code))
        live.control = await world.connect(
            live.layout.control,
            lambda message: self._engine.heard.message(live, message),
            lambda: self._closed(live, record),
            lambda: world.launcher.alive(launched) and live.router is record,
        )
        await self.tell(live)
        self._engine.router_answers(live)

    async def _did_not_start(self, live: LiveEndpoint, error: Exception) -> None:
        """Try another port while the endpoint was never reached; else wait for its own."""
        live.router_failures += 1
        said = _last_error(live.layout.router_log)
        log.warning("the router of %s did not start: %s %s", live.name, error, said)
        if not live.record.has_answered and live.router_failures < _PORT_TRIES:
            self._engine.change_endpoint(live, port=free_port())
            return
        reason = said or str(error)
        if live.router_failures >= planning.PATIENCE or "port" in reason.lower():
            body = ErrorBody(
                code=Unavailable.code,
                message=f"The router of {live.name} does not start: {reason}",
                target=f"port {live.record.port}",
                hint="It is tried again by itself. See what holds the port, and "
                "`jupyter aml service logs`.",
            )
            self._engine.change_endpoint(live, state="Failed", reason=body.message, error=body)
        await self._pause(live, planning.pause(live.router_failures))

    async def _pause(self, live: LiveEndpoint, seconds: float) -> None:
        """Less, if it is not wanted any more."""
        clock = self._engine.world.clock
        until = clock.monotonic() + seconds
        while clock.monotonic() < until and not live.is_deleting and not self._engine.closing:
            await clock.sleep(_PAUSE_SECONDS)

    # -- while it runs --------------------------------------------------------------------------

    async def tell(self, live: LiveEndpoint) -> None:
        """Give the router the table as it is now; returns when it goes by it.

        Without a router the table is for the next one. Raises `Unavailable` if it refuses.
        """
        live.is_told = False
        async with live.telling:
            if live.is_told:
                return  # somebody told it for us while we waited
            live.is_told = True
            live.generation += 1
            tables.write(live.layout.table, self._table(live))
            if live.control is None:
                return
            answer = await live.control.ask({"op": "table"}, "adopted", "refused")
            if answer["op"] == "refused":
                log.error("the router of %s refused its table: %s", live.name, answer["message"])
                raise Unavailable(
                    f"The router of {live.name} refused its table.",
                    target=live.name,
                    details=[str(answer.get("message", ""))],
                )

    def tell_soon(self, live: LiveEndpoint) -> None:
        """`tell`, beside everything else."""
        live.is_told = False
        self._engine.spawn(self._tell_quietly(live), f"tell the router of {live.name}")

    async def _tell_quietly(self, live: LiveEndpoint) -> None:
        try:
            if not live.is_told:
                await self.tell(live)
        except AmlError as error:
            # Its end is seen by its watch; a table that it refuses is logged.
            log.warning("the router of %s was not told: %s", live.name, error)

    def _table(self, live: LiveEndpoint) -> dict[str, Any]:
        rows = {
            one.name: tables.deployment(
                one.record.spec,
                {
                    i.name: i.at
                    for i in one.instances.values()
                    if i.is_staying and not i.is_wanted_gone
                },
                one.record.reason if one.is_hopeless else "",
                held=[i.name for i in one.instances.values() if i.is_held],
            )
            for one in live.deployments.values()
            if not one.is_deleting
        }
        return tables.table(live.record, live.layout, live.secrets, rows, live.generation)

    def _closed(self, live: LiveEndpoint, record: ProcessRecord) -> None:
        """The connection is gone: with the router, which its watch tells, or without it."""
        if live.router is not record:
            return
        live.control = None
        if not self._engine.closing and not live.is_deleting:
            self._engine.spawn(self._reconnect(live, record), f"reconnect to {live.name}")

    async def _reconnect(self, live: LiveEndpoint, record: ProcessRecord) -> None:
        world = self._engine.world
        launched = Launched(record.pid, record.created)
        if not world.launcher.alive(launched):
            return
        try:
            if live.watch is not None:
                live.watch.cancel()
            await self.take_up(live, record)
        except AmlError as error:
            log.warning("the router of %s does not answer, ending it: %s", live.name, error)
            world.launcher.kill(launched)

    def _ended(self, live: LiveEndpoint, record: ProcessRecord, code: int | None) -> None:
        if live.router is not record:
            return
        live.router, live.control, live.watch = None, None, None
        live.came_up.clear()
        if self._engine.closing or live.is_deleting:
            return
        if not live.is_starting:
            log.warning("the router of %s ended (%s): starting it again", live.name, code)
            self._engine.spawn(self.start(live), f"start the router of {live.name} again")

    # -- ending ---------------------------------------------------------------------------------

    async def stop(self, live: LiveEndpoint) -> None:
        """End it: what it has is answered first, within reason. Broken off, it can be repeated."""
        world = self._engine.world
        while live.is_starting and not self._engine.closing:
            await world.clock.sleep(_STEP_SECONDS)  # it ends by itself: nobody wants it any more
        record, control = live.router, live.control
        if record is None:
            return
        if live.watch is not None:
            live.watch.cancel()
        live.control, live.watch = None, None
        if control is not None:
            await self._ask_to_leave(live, control)
        await self._engine.end_process(Launched(record.pid, record.created), seconds=2.0)
        live.router = None
        await world.store.write(lambda conn: endpoint_rows.delete_process(conn, live.name, ROUTER))
        live.layout.control.unlink(missing_ok=True)

    async def _ask_to_leave(self, live: LiveEndpoint, control: Control) -> None:
        try:
            message = {"op": "leave", "grace": _LEAVE_SECONDS}
            await control.ask(message, "left", seconds=_LEAVE_SECONDS + 2)
        except AmlError as error:
            log.warning("the router of %s was killed: %s", live.name, error)
        finally:
            control.close()

    def let_go(self, live: LiveEndpoint) -> None:
        """The service ends, the router goes on."""
        if live.watch is not None:
            live.watch.cancel()
        if live.control is not None:
            live.control.close()


def _last_error(log_file: Path) -> str:
    """What a router said last of why it ended; one line of JSON (contracts.md)."""
    try:
        lines = log_file.read_bytes()[-_TAIL:].decode("utf-8", "replace").splitlines()
        found = msgspec.json.decode(lines[-1], type=dict[str, dict[str, Any]])
        return str(found["error"]["message"])
    except (OSError, IndexError, KeyError, msgspec.MsgspecError):
        return ""


def _keep_short(log_file: Path) -> None:
    """The newest start only: a router prints when it starts and when it goes wrong."""
    if log_file.exists() and log_file.stat().st_size > tables.LOG_BYTES // 16:
        log_file.unlink()
