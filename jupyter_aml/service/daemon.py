"""The daemon's life: open everything in order, serve, close everything in the other order."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import secrets
import signal
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import FrameType

import msgspec

from jupyter_aml._version import __version__
from jupyter_aml.model.api import API_VERSION
from jupyter_aml.model.errors import Unavailable
from jupyter_aml.model.money import Notice
from jupyter_aml.model.workspace import ServiceStatus
from jupyter_aml.service import left_segments, runtime
from jupyter_aml.service.backends.protocol import Backend, Changes, JobsFacet
from jupyter_aml.service.backends.registry import Registry
from jupyter_aml.service.claim import HomeLock
from jupyter_aml.service.clock import Clock, iso
from jupyter_aml.service.compatible import ArmFacet
from jupyter_aml.service.folders import leave_run_folder, pool_folder
from jupyter_aml.service.http.feed import Feeds
from jupyter_aml.service.http.server import Server
from jupyter_aml.service.joblog import JobLogs
from jupyter_aml.service.money.office import MoneyOffice
from jupyter_aml.service.old_sockets import take_run_folder
from jupyter_aml.service.own import PreferencesFacet, ServiceFacet, WorkspacesFacet
from jupyter_aml.service.retention.facet import StorageFacet
from jupyter_aml.service.retention.shelf import Alive
from jupyter_aml.service.retention.shelves import shelves
from jupyter_aml.service.settings import MEGABYTE, LocalSettings, ServiceSettings
from jupyter_aml.service.store.db import Store
from jupyter_aml.service.watchdog import watch_lag

log = logging.getLogger(__name__)

KEEP_SECONDS = 5.0
GARBAGE = 5_000
"""New objects between two looks for cycles. Each job makes hundreds that live as long as it: with
Python's own 700, the objects of a burst are looked through again and again."""
ARM_SECONDS = 12 * 3600.0
"""How long a service stays whose Azure-compatible API is open: no script of the SDK starts one."""


class Daemon:
    """One service of one home; `run` is its whole life. Made on the event loop."""

    def __init__(
        self,
        home: Path,
        lock: HomeLock,
        *,
        clock: Clock,
        settings: ServiceSettings,
        local_settings: LocalSettings,
    ) -> None:
        self._home = home
        self._lock = lock
        self._clock = clock
        self._settings = settings
        self._local_settings = local_settings
        self._started_at = iso(clock.time())
        self._loop = asyncio.get_running_loop()
        self._end = asyncio.Event()
        self._stopping = False
        self._runtime: runtime.Runtime | None = None
        self._token = secrets.token_urlsafe(32)
        self._store = Store.open(home / "state.db")
        self._logs = JobLogs(clock=clock, limit_bytes=settings.stream_limit_mb * MEGABYTE)
        self._feeds = Feeds(
            version=__version__, clock=clock, state=self._state, find_jobs=self._jobs
        )
        self._run_folder = take_run_folder(home)
        self._registry = Registry(self._store, self._make_backend, self._feeds, settings.backend)
        self._server = Server(
            self._token,
            self._facet,
            clock=clock,
            body_limit=settings.body_limit_mb * MEGABYTE,
            connection_limit=settings.connection_limit,
        )
        self._storage = StorageFacet(
            home,
            shelves(home, self._store, self._feeds.publish),
            clock,
            self._alive,
            self._registry.settled,
        )
        self._money = MoneyOffice(self._store, clock, self._registry.spending, self._feeds.publish)
        self._arm = ArmFacet(home, self._local_facet, clock, self._server.called, self._tell_jobs)
        self._own = {
            "service": ServiceFacet(self, self._storage.prune),
            "storage": self._storage,
            "costs": self._money.facet,
            "preferences": PreferencesFacet(self._store, self._feeds.publish),
            "workspaces": WorkspacesFacet(self._registry),
            "feed": self._feeds,
            "arm": self._arm,
        }

    async def run(self) -> None:
        """Serve until a signal, a request, the end of the home or a long silence ends it."""
        self._handle_signals()
        background: list[asyncio.Task[None]] = []
        try:
            await self._registry.open()
            await self._server.open()
            self._announce()
            background.append(asyncio.create_task(watch_lag(self._clock)))
            background.append(asyncio.create_task(self._keep()))
            background.append(asyncio.create_task(self._arm.resume()))
            background += self._money.begin()
            gc.collect()
            gc.freeze()  # what was loaded by now stays for good: do not look at it again
            gc.set_threshold(GARBAGE)
            await self._end.wait()
        finally:
            for task in background:
                task.cancel()
            await self._close()

    # -- what own.Process asks ----------------------------------------------------------------

    def status(self) -> ServiceStatus:
        return ServiceStatus(
            state="running",
            pid=os.getpid(),
            url=self._server.url,
            version=__version__,
            home=str(self._home),
            started_at=self._started_at,
            running=self._registry.running(),
            warnings=[*self._store.warnings, *(one.text for one in self._money.notices)],
        )

    async def end_everything(self) -> None:
        """End jobs and nodes, then let the caller's answer leave, then end the process."""
        self._stopping = True
        log.info("ending everything that runs, as asked")
        await self._registry.close(end_everything=True)
        self._loop.call_soon(self._end.set)

    # -- wiring -------------------------------------------------------------------------------

    def _make_backend(self, backend: Callable[..., Backend], changes: Changes) -> Backend:
        return backend(
            home=self._home,
            store=self._store,
            logs=self._logs,
            changes=changes,
            clock=self._clock,
            settings=self._local_settings,
            run_folder=self._run_folder,
        )

    def _facet(self, name: str) -> object | None:
        if self._stopping and name != "service":
            raise Unavailable(
                "The service is stopping.", target="service", hint="Try again in a moment."
            )
        return self._own.get(name) or self._registry.facet(name)

    def _local_facet(self, name: str) -> object | None:
        """What the Azure-compatible API works on, whichever workspace is current."""
        return getattr(self._registry.first, name, None)

    def _tell_jobs(self, variables: Mapping[str, str]) -> None:
        """What the local workspace's jobs find in their environment from now on."""
        if (tell := getattr(self._registry.first, "tell_jobs", None)) is not None:
            tell(variables)

    def _state(self) -> list[tuple[str, str, msgspec.Struct]]:
        return [*self._registry.state(), *self._money.state(), *self._damage()]

    def _damage(self) -> Iterable[tuple[str, str, msgspec.Struct]]:
        """That the database was set aside: every tab says it, as long as this service lives."""
        if text := self._store.damage:
            since = self._started_at
            yield (
                "notice",
                "database",
                Notice(name="database", kind="error", text=text, since=since),
            )

    def _alive(self) -> Alive:
        names: dict[str, set[str]] = {"session": set(), "node": set()}
        for noun, name, _ in self._registry.state():
            names.setdefault(noun, set()).add(name)
        return Alive(frozenset(names["session"]), frozenset(names["node"]), self._clock.time())

    def _jobs(self) -> JobsFacet | None:
        return self._registry.current.jobs

    # -- beginning and end ----------------------------------------------------------------------

    def _announce(self) -> None:
        self._runtime = runtime.Runtime(
            url=self._server.url,
            token=self._token,
            pid=os.getpid(),
            created=runtime.created(),
            version=__version__,
            api=API_VERSION,
            host=runtime.host(),
            boot_id=runtime.boot_id(),
            home=str(self._home),
            started_at=self._started_at,
        )
        runtime.write(self._home, self._runtime)
        log.info("serving %s at %s, version %s", self._home, self._server.url, __version__)

    def _handle_signals(self) -> None:
        """SIGTERM and Ctrl-C end the service and leave the jobs alone: they outlive it."""
        for number in (signal.SIGTERM, signal.SIGINT):
            try:
                self._loop.add_signal_handler(number, self._end.set)
            except NotImplementedError:  # Windows
                signal.signal(number, self._signalled)

    def _signalled(self, _number: int, _frame: FrameType | None) -> None:
        self._loop.call_soon_threadsafe(self._end.set)

    async def _keep(self) -> None:
        """Show that the service lives, and notice when it should not."""
        idle_exit = self._settings.idle_exit_seconds
        touched = self._clock.monotonic()
        while True:
            await self._clock.sleep(min(KEEP_SECONDS, idle_exit / 4 or KEEP_SECONDS))
            if not self._lock.in_place():
                log.warning("%s is gone: ending everything", self._home)
                await self.end_everything()
                return
            if self._clock.monotonic() - touched >= runtime.TOUCH_SECONDS:
                touched = self._clock.monotonic()
                self._touch()
                await asyncio.to_thread(left_segments.sweep, pool_folder(self._home))
            if idle_exit and self._is_idle(idle_exit):
                log.info("nothing runs and nobody called for %.0f s: ending", idle_exit)
                self._end.set()
                return

    def _touch(self) -> None:
        """Other hosts of a shared home see by this that we live; a lost file is put back."""
        assert self._runtime is not None
        try:
            os.utime(self._home / runtime.FILE)
        except FileNotFoundError:
            runtime.write(self._home, self._runtime)
        except OSError as error:
            log.warning("%s cannot be touched: %s", runtime.FILE, error)

    def _is_idle(self, seconds: float) -> bool:
        if self._arm.is_open:
            seconds = max(seconds, ARM_SECONDS)
        return self._server.idle_seconds() >= seconds and not any(self._registry.running().values())

    async def _close(self) -> None:
        if self._runtime is not None:
            runtime.remove(self._home, self._runtime)
        self._stopping = True
        self._feeds.close()
        await self._arm.end()
        await self._server.close()
        await self._registry.close(end_everything=False)
        self._logs.close()
        self._store.close()
        leave_run_folder(self._home)
        self._lock.release()
        log.info("ended")
