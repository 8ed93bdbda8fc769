"""One build, step by step: an empty environment, the packages, a look at what came of it.

Either the folder is whole afterwards, its manifest in it, or it is gone.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from jupyter_aml.model.errors import EnvironmentFailed, ErrorBody
from jupyter_aml.service.clock import Clock, iso
from jupyter_aml.service.environments import command
from jupyter_aml.service.environments.build_log import BuildLog
from jupyter_aml.service.environments.explain import explain
from jupyter_aml.service.environments.manifest import Manifest, size_of, write_manifest
from jupyter_aml.service.environments.records import Build
from jupyter_aml.service.environments.requirements import names_of
from jupyter_aml.service.environments.tools import Builder, python_in
from jupyter_aml.service.environments.wish import RUNNER_NEEDS

_WHOLE = 16 * 1024 * 1024
"""Characters of the line in which an environment tells everything that it holds."""
INSPECTION = Path(__file__).with_name("inspection.py")
REQUIREMENTS = "requirements.txt"


class Failed(Exception):
    """A step did not succeed; ``body`` says why."""

    def __init__(self, body: ErrorBody) -> None:
        super().__init__(body.message)
        self.body = body


class _Contents(msgspec.Struct):
    packages: dict[str, str]
    modules: list[str]


class Work:
    """Builds `build` in `folder`, which is its own."""

    def __init__(
        self,
        build: Build,
        folder: Path,
        builder: Builder,
        *,
        env: Mapping[str, str],
        log: BuildLog,
        clock: Clock,
        tell: Callable[[str], None],
    ) -> None:
        """`tell` is given each stage in words."""
        self._build = build
        self._folder = folder
        self._builder = builder
        self._env = env
        self._log = log
        self._clock = clock
        self._tell = tell

    async def run(self) -> Manifest:
        """Raises `Failed`; ends its processes and removes the folder when it is cancelled."""
        started = self._clock.monotonic()
        self._builder.check(self._build.options)
        try:
            await self._make()
            await self._install()
            contents = await self._look()
            manifest = await asyncio.to_thread(self._finish, contents, started)
        except BaseException:  # cancelled too: half an environment must not be found by anybody
            await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
            raise
        return manifest

    async def _make(self) -> None:
        build = self._build
        self._stage("making an empty environment")
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
        if not os.path.exists(build.base):
            raise Failed(_gone(build))
        self._folder.mkdir(mode=0o700)
        if await self._run(self._builder.make(build.base, self._folder)) != 0:
            raise self._failed("making an empty environment")

    async def _install(self) -> None:
        count = len(names_of(self._build.requirements))
        self._stage(f"installing {count} package{'s' * (count != 1)} with {self._builder.tool}")
        file = self._folder / REQUIREMENTS
        # Written before it is read by a program of ours only, and private like its folder.
        lines = [*self._build.requirements, *await self._own_pip()]
        arguments = self._builder.install(python_in(self._folder), file, self._build.options)
        file.write_text(self._builder.lines(lines), encoding="utf-8")
        if await self._run(arguments) == 0:
            return
        if needs := [need for need in RUNNER_NEEDS if need in lines and self._blames(need)]:
            self._log.write(f"Trying again with any version of what cells need: {', '.join(needs)}")
            lines = [names_of([line])[0] if line in needs else line for line in lines]
            file.write_text(self._builder.lines(lines), encoding="utf-8")
            if await self._run(arguments) == 0:
                return
        raise self._failed("installing packages")

    def _blames(self, need: str) -> bool:
        """Whether what was asked for contradicts something that we add for cells."""
        return any(need in line for line in self._log.tail)

    async def _own_pip(self) -> list[str]:
        """The wheel of pip that the base has; nothing where the environment will have pip."""
        if self._builder.tool == "pip" or "pip" in names_of(self._build.requirements):
            return []
        found: list[str] = []
        await self._run(self._builder.find_pip(self._build.base), found.append)
        wheels = [line for line in found if line.endswith(".whl")]
        if not wheels:
            self._log.write("This Python carries no pip along: the environment has none.")
        return wheels[:1]

    async def _look(self) -> _Contents:
        self._stage("looking at what was installed")
        said: list[str] = []
        python = str(python_in(self._folder))
        code = await self._run([python, "-I", str(INSPECTION)], said.append, longest=_WHOLE)
        try:
            return msgspec.json.decode(said[-1] if code == 0 else "", type=_Contents)
        except (msgspec.DecodeError, IndexError):
            for line in said:
                self._log.write(line)
            raise self._failed("looking at what was installed") from None

    def _finish(self, contents: _Contents, started: float) -> Manifest:
        manifest = Manifest(
            python=self._build.python,
            requirements=self._build.requirements,
            packages=contents.packages,
            modules=contents.modules,
            bytes=size_of(self._folder),
            seconds=round(self._clock.monotonic() - started, 3),
            built_at=iso(self._clock.time()),
        )
        write_manifest(self._folder, manifest)
        return manifest

    async def _run(
        self,
        arguments: list[str],
        on_line: Callable[[str], None] | None = None,
        longest: int = command.LONGEST,
    ) -> int:
        return await command.run(
            arguments,
            env=self._env,
            cwd=self._folder,
            on_line=on_line or self._log.write,
            longest=longest,
        )

    def _stage(self, words: str) -> None:
        self._log.write(f"-- {words}")
        self._tell(words)

    def _failed(self, step: str) -> Failed:
        return Failed(explain(self._log.tail, self._build.requirements, step))


def _gone(build: Build) -> ErrorBody:
    return ErrorBody(
        code=EnvironmentFailed.code,
        message=f"Python {build.python} is not there any more.",
        target=build.base,
        hint="Install it again, or create the environment anew, which takes a Python that is.",
    )
