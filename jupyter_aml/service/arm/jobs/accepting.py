"""Which kind of job a body asks for, read by the one who knows that kind."""

from __future__ import annotations

from jupyter_aml.model import not_run
from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.model.job import JobSpec
from jupyter_aml.service.arm.jobs import errors
from jupyter_aml.service.arm.jobs.pipelines import read_pipeline
from jupyter_aml.service.arm.jobs.reading import PATH, read_command
from jupyter_aml.service.arm.jobs.sweeps import read_sweep
from jupyter_aml.service.arm.jobs.wire import Json
from jupyter_aml.service.arm.scope import Scope
from jupyter_aml.service.backends.protocol import CodesFacet

_READ = {"command": read_command, "sweep": read_sweep, "pipeline": read_pipeline}


async def read(sent: Json, scope: Scope, codes: CodesFacet, path: str = PATH) -> JobSpec:
    """The spec of `sent` (`reading.tidy`). Raises `Invalid`, saying where in the body."""
    kind = str(sent.get("jobType", "")).casefold()
    reader = _READ.get(kind)
    if reader is None:
        target = f"{path}.jobType"
        raise not_run.refusal("Jobs", kind, target) or Invalid(
            f"There is no type of jobs {kind!r}.",
            target=target,
            hint="It is Command, Sweep or Pipeline.",
        )
    try:
        return await reader(sent, scope, codes, path)
    except NotFound as error:
        raise errors.of_body(error, path) from None
