"""Builds: contents made into folders, each once, whoever asks and however often.

A folder counts when its manifest is there, which is renamed into it at the very end. Whatever else
lies below the cache was being built when the service was killed: `open` ends what still builds
there, and removes it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from jupyter_aml.model.errors import AmlError, Conflict, EnvironmentFailed, ErrorBody
from jupyter_aml.model.lifecycle import ENVIRONMENT
from jupyter_aml.service.clock import Clock, iso
from jupyter_aml.service.environments import tools
from jupyter_aml.service.environments.build_log import BuildLog, present
from jupyter_aml.service.environments.manifest import FILE, Manifest, read_manifest
from jupyter_aml.service.environments.records import HISTORY, Build
from jupyter_aml.service.environments.work import Failed, Work
from jupyter_aml.service.store import environment_rows
from jupyter_aml.service.store.db import Store

log = logging.getLogger(__name__)

_LOGS = "logs"


class Running:
    """A build that is under way."""

    def __init__(self, log: BuildLog, since: float) -> None:
        self.log = log
        self.since = since
        self.stage = ""
        self.task: asyncio.Task[None] | None = None


class Builds:
    """The cache in `folder`. `changed` is called with the content whose build moved."""

    def __init__(
        self,
        folder: Path,
        store: Store,
        clock: Clock,
        *,
        make_builder: Callable[[], tools.Builder],
        environment: Mapping[str, str],
        marker: Callable[[str, int], str],
        end_marked: Callable[[Iterable[str]], object],
        changed: Callable[[str], None],
    ) -> None:
        """`marker` derives what is in the environment of a build's processes; `end_marked` ends
        every process that has one of them (it blocks)."""
        self.folder = folder
        self._store = store
        self._clock = clock
        self._make_builder = make_builder
        self._environment = environment
        self._marker = marker
        self._end_marked = end_marked
        self._changed = changed
        self._known: dict[str, Build] = {}
        self._running: dict[str, Running] = {}
        self._closing = False

    # -- taking up, and letting go ------------------------------------------------------------

    async def open(self) -> None:
        """Take up what an earlier service left, however it ended."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._known = {b.content: b for b in environment_rows.list_builds(self._store.reader)}
        broken = [b for b in self._known.values() if b.state == "Building"]
        if broken:
            markers = [self._marker(b.content, b.count) for b in broken]
            await asyncio.to_thread(self._end_marked, markers)
        manifests = await asyncio.to_thread(self._tidy)
        for build in self._known.values():
            manifest = manifests.get(build.content)
            if build.state == "Building":
                await self._take_up(build, manifest)
            elif build.state == "Succeeded" and manifest is None:
                self._move(build, "NotBuilt")

    def _tidy(self) -> dict[str, Manifest]:
        """The manifest of every whole folder. Others are removed."""
        found: dict[str, Manifest] = {}
        for folder in self.folder.iterdir():
            if not folder.is_dir() or folder.name == _LOGS:
                continue
            manifest = read_manifest(folder)
            if manifest is None or not os.path.exists(tools.python_in(folder)):
                shutil.rmtree(folder, ignore_errors=True)
            else:
                found[folder.name] = manifest
        return found

    async def _take_up(self, build: Build, manifest: Manifest | None) -> None:
        """The store says that it is being built, and nobody builds it."""
        if manifest is None:
            self._move(build, "NotBuilt")
        else:  # killed between the last rename and the store
            self._succeeded(build, manifest)

    async def close(self) -> None:
        """End what is being built; the next service finds it as not built."""
        self._closing = True
        await asyncio.gather(*(self.cancel(content) for content in list(self._running)))

    # -- looking ------------------------------------------------------------------------------

    def get(self, content: str) -> Build:
        return self._known[content]

    def content_of(self, python: str) -> str:
        """The content whose interpreter `python` is; "" for one that is not built here."""
        folder = Path(python).parent.parent
        return folder.name if folder.parent == self.folder and folder.name in self._known else ""

    def python(self, content: str) -> str:
        """Path of the interpreter that it has, or will have once it is built."""
        return str(tools.python_in(self.folder / content))

    def stage(self, content: str) -> str:
        running = self._running.get(content)
        return running.stage if running else ""

    def elapsed(self, content: str) -> float:
        """Seconds that its build is under way."""
        running = self._running.get(content)
        return self._clock.monotonic() - running.since if running else 0.0

    def is_ready(self, content: str) -> bool:
        """Whether jobs can start in it. A folder that was removed by hand is noticed here."""
        build = self._known[content]
        if build.state != "Succeeded":
            return False
        if os.path.exists(self.python(content)):
            return True
        self._move(build, "NotBuilt")
        return False

    @property
    def running(self) -> int:
        return len(self._running)

    def log_path(self, content: str) -> Path:
        return self.folder / _LOGS / f"{content}.log"

    def follow(self, content: str, after: int, *, wait: bool) -> AsyncIterator[bytes]:
        """The lines of its newest build, as NDJSON."""
        running = self._running.get(content)
        if running is not None and wait:
            return running.log.follow(after)
        return present(self.log_path(content), after)

    # -- building -----------------------------------------------------------------------------

    def know(self, build: Build) -> None:
        """Know a content, in memory. One that is known stays as it is."""
        self._known.setdefault(build.content, build)

    def start(self, content: str) -> None:
        """Build it, unless that is done or under way. Returns at once."""
        if content in self._running or self.is_ready(content):
            return
        build = self._known[content]
        build_log = BuildLog(self.log_path(content), self._clock)
        running = self._running[content] = Running(build_log, self._clock.monotonic())
        started = iso(self._clock.time())
        build = self._move(build, "Building", count=build.count + 1, started_at=started, error=None)
        work = self._build(build, running)
        running.task = asyncio.get_running_loop().create_task(work, name=f"build {content}")

    async def cancel(self, content: str) -> None:
        """End its build and wait until nothing of it is left. Without one nothing happens."""
        running = self._running.get(content)
        if running is not None and running.task is not None:
            await asyncio.sleep(0)  # a task that never began would not say how it ended
            running.task.cancel()
            await asyncio.wait([running.task])

    async def ended(self, content: str) -> None:
        """Wait while it is being built."""
        running = self._running.get(content)
        if running is not None and running.task is not None:
            await asyncio.wait([running.task])

    def used(self, content: str) -> None:
        """A job begins in it: note when, which is what retention goes by."""
        try:
            os.utime(self.folder / content / FILE)
        except OSError:
            return  # it is not built, or its folder is another's to write

    async def remove(self, content: str) -> None:
        """Free its disk; a job that needs it has it built again. Not while it is being built."""
        if content in self._running:
            raise Conflict("It is being built.", target=content, hint="Cancel the build first.")
        build = self._known[content]
        if build.state == "Succeeded":
            self._move(build, "NotBuilt")
        await asyncio.to_thread(shutil.rmtree, self.folder / content, ignore_errors=True)

    async def _build(self, build: Build, running: Running) -> None:
        """Ends in one of the states that may follow Building, whatever happens."""
        content = build.content

        def tell(stage: str) -> None:
            running.stage = stage
            self._changed(content)

        try:
            marker = self._marker(content, build.count)
            work = Work(
                build,
                self.folder / content,
                self._make_builder(),
                env=tools.environment_of(self._environment, os.environ, marker),
                log=running.log,
                clock=self._clock,
                tell=tell,
            )
            manifest = await work.run()
        except asyncio.CancelledError:
            self._ended(build, running, "NotBuilt" if self._closing else "Canceled")
        except Failed as failure:
            self._ended(build, running, "Failed", failure.body)
        except AmlError as error:
            self._ended(build, running, "Failed", error.body())
        except OSError as error:
            self._ended(build, running, "Failed", _trouble(error))
        except Exception as error:  # a defect of ours: nobody may wait for it for ever
            log.exception("the build of %s", content)
            self._ended(build, running, "Failed", _defect(error))
        else:
            del self._running[content]
            self._succeeded(build, manifest)
            running.log.write(f"Built in {manifest.seconds:.1f} s.", always=True)
            running.log.close()

    def _succeeded(self, build: Build, manifest: Manifest) -> None:
        self._move(
            build,
            "Succeeded",
            packages=manifest.packages,
            modules=manifest.modules,
            bytes=manifest.bytes,
            seconds=[*build.seconds, manifest.seconds][-HISTORY:],
            built_at=manifest.built_at,
        )

    def _ended(
        self, build: Build, running: Running, state: str, error: ErrorBody | None = None
    ) -> None:
        del self._running[build.content]
        self._move(build, state, error=error)
        running.log.write(error.message if error else "The build was canceled.", always=True)
        running.log.close()

    def _move(self, build: Build, state: str, **fields: Any) -> Build:
        """The only way a build's state changes: checked, stored, told."""
        ENVIRONMENT.check(build.state, state, name=build.content)
        moved = msgspec.structs.replace(build, state=state, **fields)
        self._known[build.content] = moved
        self._store.post(lambda conn: environment_rows.save_build(conn, moved))
        self._changed(build.content)
        return moved


def _trouble(error: OSError) -> ErrorBody:
    return ErrorBody(
        code=EnvironmentFailed.code,
        message=f"The environment cannot be written: {error.strerror}.",
        target=str(error.filename or ""),
        hint="Make room on the disk, then build again.",
    )


def _defect(error: Exception) -> ErrorBody:
    return ErrorBody(
        code=EnvironmentFailed.code,
        message=f"The build broke off: {type(error).__name__}.",
        hint="`jupyter aml service logs` shows why.",
        details=[str(error)],
    )
