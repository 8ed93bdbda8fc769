"""Environments of the local workspace: which interpreter a job gets, and its wait for the build.

A job is accepted with the path of the interpreter that its environment has or will have; whether
that is built shows when a node is its own. The build begins when the job is accepted, so that it
goes on while the job waits for its turn.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, TypeVar

import msgspec

from jupyter_aml.model.environment import KERNEL, Environment
from jupyter_aml.model.errors import EnvironmentFailed, ErrorBody
from jupyter_aml.model.spec import JobFields
from jupyter_aml.service.backends.local.jobs.tasks import clean_environment
from jupyter_aml.service.backends.local.nodes import processes
from jupyter_aml.service.backends.local.state import LiveJob
from jupyter_aml.service.environments import tools
from jupyter_aml.service.environments.builds import Builds
from jupyter_aml.service.environments.catalogue import Catalogue, Found
from jupyter_aml.service.environments.codeless import Codeless
from jupyter_aml.service.environments.facet import Environments
from jupyter_aml.service.environments.records import Record

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.engine import Engine

_TELL_SECONDS = 5.0
"""How often a waiting job is told how long its build has taken; each time is an event."""


Spec = TypeVar("Spec", bound=JobFields)


class JobEnvironments:
    """Of one engine. ``facet`` serves the routes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        settings = engine.settings
        self._builds = Builds(
            engine.folders.environments,
            engine.store,
            engine.clock,
            make_builder=lambda: tools.builder(
                settings.environment_tool, settings.environment_index
            ),
            environment=clean_environment(os.environ),
            marker=lambda content, count: engine.keys.marker(f"environment:{content}", count),
            end_marked=processes.kill_marked,
            changed=self._build_changed,
        )
        self._catalogue = Catalogue(self._builds, engine.store, engine.clock, self._publish)
        self.facet = Environments(self._catalogue, self._builds)
        self.codeless = Codeless(self._catalogue)
        self._waiting: dict[str, asyncio.Event] = {}

    async def open(self) -> None:
        """Before jobs are taken up."""
        await self._builds.open()
        self._catalogue.open()

    async def close(self) -> None:
        await self._builds.close()

    @property
    def catalogue(self) -> Catalogue:
        """For what runs in environments besides jobs: deployments."""
        return self._catalogue

    @property
    def builds(self) -> Builds:
        return self._builds

    @property
    def building(self) -> int:
        """How many builds are under way: the service does not end by itself meanwhile."""
        return self._builds.running

    def state(self) -> list[tuple[str, str, Environment]]:
        """What a new feed is told."""
        records = self._catalogue.newest(archived=False)
        return [("environment", r.reference, self.facet.public(r)) for r in records]

    def _build_changed(self, content: str) -> None:
        for record in self._catalogue.of_content(content):
            self._publish(record)

    def _publish(self, record: Record) -> None:
        public = self.facet.public(record)
        self._engine.changes.publish("environment", record.reference, public)

    # -- accepting ----------------------------------------------------------------------------

    def check(self, spec: Spec) -> Spec:
        """`spec` with the environment that is meant and its interpreter. Raises `NotFound`."""
        found = self._catalogue.find(spec.environment)
        return self._resolved(spec, found)

    async def settle(self, spec: Spec) -> Spec:
        """`spec` with the environment that it describes itself kept under a name."""
        if spec.environment_content is None:
            return spec
        record = await self._catalogue.define(spec.environment_content)
        return msgspec.structs.replace(
            self._resolved(spec, Found(record)), environment_content=None
        )

    def _resolved(self, spec: Spec, found: Found) -> Spec:
        record = found.record
        if record is None:
            return msgspec.structs.replace(spec, environment=KERNEL)
        said = [*spec.warnings, found.warning, *record.warnings]
        warnings = list(dict.fromkeys(warning for warning in said if warning))
        if not record.content:  # an image alone
            return msgspec.structs.replace(spec, environment=KERNEL, warnings=warnings)
        return msgspec.structs.replace(
            spec,
            environment=record.reference,
            python=self._builds.python(record.content),
            warnings=warnings,
        )

    def build(self, environment: str) -> None:
        """Begin to build it, unless there is nothing to build. Raises `NotFound`."""
        record = self._catalogue.find(environment).record
        if record is not None and record.content:
            self._builds.start(record.content)

    # -- waiting ------------------------------------------------------------------------------

    def begin(self, live: LiveJob) -> None:
        """A job was accepted, or taken up: build what it will need, unless it is there."""
        content = self._content(live)
        if content:
            self._builds.start(content)
            self._builds.used(content)
            live.build = self._builds.get(content).count

    def is_ready(self, live: LiveJob) -> bool:
        content = self._content(live)
        return not content or self._builds.is_ready(content)

    async def wait(self, live: LiveJob) -> ErrorBody | None:
        """Wait for the build of the job's environment, and tell it why; why it cannot run.

        Returns early when the job is asked to end.
        """
        content = self._content(live)
        told = self._waiting[live.name] = asyncio.Event()
        try:
            while not self._builds.is_ready(content) and not live.ending:
                if self._engine.closing:
                    raise asyncio.CancelledError  # the next service takes the job up again
                if self._has_failed(live, content):
                    return self._why_not(live, content)
                self._builds.start(content)
                await self._watch(live, content, told)
        finally:
            del self._waiting[live.name]
        return None

    def _has_failed(self, live: LiveJob, content: str) -> bool:
        """Whether the build that was begun for this job, or a later one, did not succeed."""
        build = self._builds.get(content)
        return build.state in ("Failed", "Canceled") and build.count >= live.build

    def let_go(self, live: LiveJob) -> None:
        """The job was asked to end: it waits no longer. The build goes on for the next one."""
        told = self._waiting.get(live.name)
        if told is not None:
            told.set()

    async def _watch(self, live: LiveJob, content: str, told: asyncio.Event) -> None:
        """Until the build has ended or the job is to end; tells the time every few seconds."""
        ended = asyncio.ensure_future(self._builds.ended(content))
        asked = asyncio.ensure_future(told.wait())
        try:
            while not ended.done() and not asked.done():
                if (reason := self.reason(live)) != live.job.status_reason:
                    self._engine.runs.tell(live, reason)
                tick = asyncio.ensure_future(self._engine.clock.sleep(_TELL_SECONDS))
                await asyncio.wait([ended, asked, tick], return_when=asyncio.FIRST_COMPLETED)
                tick.cancel()
        finally:
            asked.cancel()
            ended.cancel()

    def reason(self, live: LiveJob) -> str:
        """``Building environment sklearn:1, 12 s, usually 40 s``; the latter once it is known."""
        content, name = self._content(live), live.job.spec.environment
        if not content:
            return ""
        words = [f"Building environment {name}"]
        seconds = self._builds.elapsed(content)
        if seconds >= 1:
            words.append(f"{seconds:.0f} s")
        record = next((r for r in self._catalogue.of_content(content) if r.reference == name), None)
        usual = self.facet.usual(record, self._builds.get(content)) if record else None
        if usual:
            words.append(f"usually {usual:.0f} s")
        return ", ".join(words)

    def _why_not(self, live: LiveJob, content: str) -> ErrorBody:
        build, name = self._builds.get(content), live.job.spec.environment
        command = f"`%aml environment build {name}`"
        if build.error is None:
            return ErrorBody(
                code=EnvironmentFailed.code,
                message=f"The build of environment {name} was canceled.",
                target=name,
                hint=f"Build it with {command}, or run the job again, which builds it too.",
            )
        error = build.error
        return ErrorBody(
            code=EnvironmentFailed.code,
            message=f"The environment {name} could not be built: {error.message}",
            target=error.target,
            hint=error.hint,
            details=error.details,
        )

    def _content(self, live: LiveJob) -> str:
        if live.job.spec.environment == KERNEL:
            return ""
        return self._builds.content_of(live.job.spec.python)
