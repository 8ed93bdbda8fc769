"""Which Python a deployment runs in, and its wait for the build of an environment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from jupyter_aml.model.environment import KERNEL
from jupyter_aml.model.errors import EnvironmentFailed, ErrorBody
from jupyter_aml.model.registry import Model
from jupyter_aml.service.clock import Clock
from jupyter_aml.service.environments.builds import Builds
from jupyter_aml.service.environments.catalogue import Catalogue
from jupyter_aml.service.environments.codeless import Codeless
from jupyter_aml.service.environments.place import Place

_TELL_SECONDS = 2.0


class DeploymentEnvironments:
    """`world.Interpreters` over the environments of this workspace."""

    def __init__(
        self, catalogue: Catalogue, builds: Builds, codeless: Codeless, clock: Clock
    ) -> None:
        self._catalogue = catalogue
        self._builds = builds
        self._codeless = codeless
        self._clock = clock

    def check(self, environment: str) -> tuple[str, list[str]]:
        found = self._catalogue.find(environment or KERNEL)
        record = found.record
        warnings = [found.warning] if found.warning else []
        if record is None:
            return KERNEL, warnings
        warnings += record.warnings
        return (record.reference if record.content else KERNEL), warnings

    async def of_model(
        self, model: Model, interpreters: Sequence[str], needed: Sequence[str]
    ) -> Place:
        return await self._codeless.place(model, interpreters, needed)

    async def ready(
        self, environment: str, tell: Callable[[str], object], *, of: str = ""
    ) -> tuple[str, ErrorBody | None]:
        record = self._catalogue.find(environment).record
        assert record is not None  # `check` made KERNEL of everything else
        content = record.content
        if not self._builds.is_ready(content):
            self._builds.start(content)
            await self._built(content, f"of {of}" if of else environment, tell)
        self._builds.used(content)
        if self._builds.is_ready(content):
            return self._builds.python(content), None
        error = self._builds.get(content).error
        if error is None or not of:
            return "", _why_not(environment, error)
        return "", _why_not_of_model(of, error, record.warnings)

    async def _built(self, content: str, name: str, tell: Callable[[str], object]) -> None:
        """Until the build has ended; tells what it does and how long it has taken."""
        ended = asyncio.ensure_future(self._builds.ended(content))
        try:
            while not ended.done():
                stage = self._builds.stage(content)
                seconds = self._builds.elapsed(content)
                parts = [f"Building environment {name}", stage, f"{seconds:.0f} s"]
                tell(", ".join(part for part in parts if part))
                tick = asyncio.ensure_future(self._clock.sleep(_TELL_SECONDS))
                await asyncio.wait([ended, tick], return_when=asyncio.FIRST_COMPLETED)
                tick.cancel()
        finally:
            ended.cancel()


def _why_not(name: str, error: ErrorBody | None) -> ErrorBody:
    if error is None:
        return ErrorBody(
            code=EnvironmentFailed.code,
            message=f"The build of environment {name} was canceled.",
            target=name,
            hint=f"Build it: `%aml environment build {name}`, then deploy again.",
        )
    return ErrorBody(
        code=EnvironmentFailed.code,
        message=f"The environment {name} could not be built: {error.message}",
        target=error.target,
        hint=error.hint,
        details=error.details,
    )


def _why_not_of_model(model: str, error: ErrorBody, warnings: Sequence[str]) -> ErrorBody:
    """Nobody named this environment, so the words say whose packages they are, and ways out."""
    told = " ".join([error.hint, *warnings]).strip()
    return ErrorBody(
        code=EnvironmentFailed.code,
        message=f"The packages that {model} names could not be installed: {error.message}",
        target=error.target,
        hint=f"{told} Deploy to an environment of yours (--environment NAME:VERSION, or "
        "environment= in Python), or save the model with looser requirements.",
        details=error.details,
    )
