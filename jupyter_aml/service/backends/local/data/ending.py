"""What becomes of a job's outputs when it has ended: copied to where they were asked for, and
registered as data assets (or models) under the names that they were given."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, cast

from jupyter_aml.model.data import CreateData, DataType
from jupyter_aml.model.errors import AmlError, ErrorBody, Internal
from jupyter_aml.model.job import Job, Output
from jupyter_aml.model.registry import CreateModel, ModelType
from jupyter_aml.service.backends.local.data import execution, places
from jupyter_aml.service.backends.local.jobs import tasks
from jupyter_aml.service.backends.local.jobs.outcome import Outcome
from jupyter_aml.service.backends.local.state import LiveJob
from jupyter_aml.service.store.trouble import from_os

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.engine import Engine

FAILED = "OutputFailed"
"""Why a job failed of which everything went well but this."""


async def finish(engine: Engine, live: LiveJob, outcome: Outcome) -> tuple[Outcome, dict[str, str]]:
    """The outcome with what its outputs did to it, and the assets that they became.

    Doing it twice (a service was killed in between) gives the same assets.
    """
    spec = live.job.spec
    if places.laid_out(spec):
        await asyncio.to_thread(execution.drop_copies, live.layout.folder)
    wanted = {name: output for name, output in spec.outputs.items() if _is_wanted(output)}
    if places.is_of_artifacts(spec):
        wanted.setdefault(places.ARTIFACTS, spec.outputs[places.ARTIFACTS])
    if not wanted or outcome.status == "Canceled":
        return outcome, {}
    if live.job.status == "Running":
        engine.runs.move(live, "Finalizing", "keeping its outputs")
    registered: dict[str, str] = {}
    try:
        if places.is_of_artifacts(spec):
            own = Path(tasks.written_to(live.layout, places.ARTIFACTS, wanted[places.ARTIFACTS]))
            await asyncio.to_thread(execution.keep_artifacts, live.layout.work(), own)
        for name, output in wanted.items():
            await _upload(live, name, output)
            if output.name and outcome.status == "Completed":
                registered |= await _register(engine, live, name, output)
    except (AmlError, OSError) as error:
        if outcome.status == "Completed":
            outcome = dataclasses.replace(
                outcome, status="Failed", reason=FAILED, error=error_body(error, live.layout.folder)
            )
    return outcome, registered


def _is_wanted(output: Output) -> bool:
    return bool(output.name) or (bool(output.path) and not places.written_directly(output))


async def _upload(live: LiveJob, name: str, output: Output) -> None:
    if output.path and not places.written_directly(output):
        own = Path(tasks.written_to(live.layout, name, output))
        await asyncio.to_thread(execution.upload, output, live.layout.folder, own)


async def _register(engine: Engine, live: LiveJob, name: str, output: Output) -> dict[str, str]:
    goal = places.output_goal(live.layout.folder, output)
    lies = Path(goal or tasks.written_to(live.layout, name, output))
    if await _holds_nothing(live, name, output, lies):
        return {}
    reference = output.reference.replace(places.NAME, live.name)
    path = reference or goal or f"azureml://jobs/{live.name}/outputs/{name}"
    return {name: await _asset(engine, output, path, live.name)}


async def keep_best(engine: Engine, live: LiveJob, best: Job) -> dict[str, str]:
    """The named outputs of a sweep, as assets: they are those of its `best` trial.

    Raises `AmlError`. Doing it twice gives the same assets.
    """
    registered: dict[str, str] = {}
    for name, output in live.job.spec.outputs.items():
        if not output.name or name not in best.outputs:
            continue
        if not await _holds_nothing(live, name, output, Path(best.outputs[name])):
            path = f"azureml://jobs/{best.name}/outputs/{name}"
            registered[name] = await _asset(engine, output, path, best.name)
    return registered


async def _holds_nothing(live: LiveJob, name: str, output: Output, lies: Path) -> bool:
    """Whether there is nothing to register; its log then says so."""
    if not await asyncio.to_thread(_is_empty, lies):
        return False
    text = f"The output {name} holds nothing, so {output.name} got no new version.\n"
    live.log.append("notice", text=text)
    return True


async def _asset(engine: Engine, output: Output, path: str, job: str) -> str:
    """The reference of the model or data asset that an output becomes."""
    if output.type.endswith("_model"):
        kind = cast("ModelType", output.type)
        model = CreateModel(name=output.name, version=output.version, path=path, type=kind)
        return (await engine.models.facet.create(body=model)).reference
    data = CreateData(
        name=output.name,
        version=output.version,
        path=path,
        type=cast("DataType", output.type),
        job=job,
    )
    return (await engine.data.facet.create(body=data)).reference


def _is_empty(path: Path) -> bool:
    if path.is_dir():
        return not any(one.is_file() for one in path.rglob("*"))
    return not path.exists()


def error_body(error: AmlError | OSError, folder: Path) -> ErrorBody:
    if isinstance(error, OSError):
        error = from_os(error, folder) or Internal(f"{error.strerror}: {error.filename}")
    body = error.body()
    return ErrorBody(
        code=body.code,
        message=f"The job ended well, but its outputs could not be kept: {body.message}",
        target=body.target,
        hint=body.hint,
        details=body.details,
    )
