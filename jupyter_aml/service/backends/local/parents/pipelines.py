"""How a pipeline is planned: its steps are jobs of their own, ``NAME-STEP``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from jupyter_aml.model.errors import ErrorBody, Invalid
from jupyter_aml.model.job import Job, JobSpec, PipelineJob
from jupyter_aml.service.backends.local.parents.kind import Check, Settle
from jupyter_aml.service.backends.local.parents.planning import (
    Action,
    Cancel,
    Create,
    End,
    Show,
    View,
)
from jupyter_aml.service.backends.local.parents.reuse import Reuse
from jupyter_aml.service.pipelines import bindings, state, steps
from jupyter_aml.service.pipelines.settling.asking import drive, drive_settling
from jupyter_aml.service.pipelines.settling.pipeline import settled_pipeline
from jupyter_aml.service.pipelines.settling.steps import Find
from jupyter_aml.service.pipelines.state import Seen, State

_LARGEST = 64 * 1024
"""Bytes of a file that holds a value: more is none."""


class Pipelines:
    """The kind of `PipelineJob`; see `kind.Kind`.

    `find` looks up components, `boot` is the file that the runner is started by. Planning reads
    the small files in which steps leave values, and is pure but for that.
    """

    def __init__(self, find: Find, boot: Path, reuse: Reuse) -> None:
        self._find = find
        self._boot = str(boot)
        self._reuse = reuse

    # -- accepting --------------------------------------------------------------------------

    def check(self, spec: PipelineJob, check: Check) -> PipelineJob:
        return drive(settled_pipeline(spec, self._find, self._boot), check)

    async def settle(self, spec: PipelineJob, settle: Settle) -> PipelineJob:
        asking = settled_pipeline(spec, self._find, self._boot)
        return await drive_settling(asking, settle)

    def metric(self, _spec: PipelineJob) -> str:
        return ""

    # -- planning ---------------------------------------------------------------------------

    def plan(self, view: View) -> list[Action]:
        seen = seen_of(view)
        found = state.states(seen, read)
        show = _shown(found)
        going = view.living
        if _gives_up(seen, found):
            ending = [Cancel(job.name) for job in going if job.status != "CancelRequested"]
            return [show, *ending] if going else [show, _end(seen, found)]
        ready = [
            Create(steps.job_name(view.job.name, name))
            for name, one in found.items()
            if one.phase == "ready"
        ]
        if ready or going:
            return [show, *ready]
        return [show, _end(seen, found)]

    def spec_of(self, view: View, create: Create) -> JobSpec:
        seen = seen_of(view)
        name = create.name.removeprefix(f"{view.job.name}-")
        try:
            inputs = state.inputs_of(seen, name, read)
        except OSError as error:
            raise Invalid(
                f"A value for the step {name} cannot be read: {error.strerror or error}.",
                target=f"jobs.{name}.inputs",
                hint="The step before it writes the value to the file ${{outputs.NAME}}.",
            ) from None
        spec = steps.job_of(seen.spec, name, inputs, self._boot)
        if seen.spec.settings.force_rerun or not _is_deterministic(seen.spec, name):
            return spec
        return self._reuse.of(spec)

    def told(self, view: View, child: Job) -> str:
        name = child.name.removeprefix(f"{view.job.name}-")
        why = child.error.message if child.error is not None else child.status_reason
        return f"Step {name} {child.status}{f': {why}' if why else ''}\n"

    def ended(self, child: Job) -> None:
        self._reuse.keep(child)


def _is_deterministic(spec: PipelineJob, name: str) -> bool:
    component = steps.component_of(spec.jobs[name])
    return component is not None and component.is_deterministic


def seen_of(view: View) -> Seen:
    return Seen(view.job, view.children, view.refused)


def read(path: str) -> str:
    """The value that a step left in a file of its own."""
    with open(path, "rb") as stream:
        return stream.read(_LARGEST).decode("utf-8", "replace")


def _shown(found: Mapping[str, State]) -> Show:
    over = sum(one.is_over for one in found.values())
    return Show(round(over / len(found), 4), f"{over} of {len(found)} steps")


def _gives_up(seen: Seen, found: Mapping[str, State]) -> bool:
    """The first failure ends a pipeline that is not told to go on."""
    if seen.spec.settings.continue_on_step_failure:
        return False
    return any(one.phase == "failed" for one in found.values())


# -- ending -------------------------------------------------------------------------------


def _end(seen: Seen, found: Mapping[str, State]) -> End:
    outputs, registered = _outputs(seen)
    failed = [name for name, one in found.items() if one.phase == "failed"]
    if not failed:
        return End("Completed", outputs=outputs, registered=registered)
    canceled = [child for name in failed if (child := seen.child(name)) is not None]
    if len(canceled) == len(failed) and all(one.status == "Canceled" for one in canceled):
        return End("Canceled", "Canceled", outputs=outputs, registered=registered)
    first = next(name for name in failed if _status(seen, name) != "Canceled")
    error = _why(seen, first, found[first])
    return End("Failed", "StepFailed", error, outputs=outputs, registered=registered)


def _status(seen: Seen, name: str) -> str:
    child = seen.child(name)
    return child.status if child is not None else "Failed"


def _outputs(seen: Seen) -> tuple[dict[str, str], dict[str, str]]:
    """Of the steps that have completed."""
    outputs: dict[str, str] = {}
    registered: dict[str, str] = {}
    for name, source in bindings.producers(seen.spec.jobs).items():
        child = seen.child(source.step)
        if child is None or child.status != "Completed" or name not in seen.spec.outputs:
            continue
        if source.output in child.outputs:
            outputs[name] = child.outputs[source.output]
        if source.output in child.registered:
            registered[name] = child.registered[source.output]
    return outputs, registered


def _why(seen: Seen, name: str, found: State) -> ErrorBody:
    child = seen.child(name)
    error = child.error if child is not None else _refusal(seen, name)
    hint = error.hint if error is not None else ""
    if child is not None:
        hint = f"Read its output with `jupyter aml job stream {child.name}`."
    return ErrorBody(
        code=error.code if error is not None and child is None else "JobFailed",
        message=f"The step {name} failed: {found.reason}",
        target=f"jobs.{name}",
        hint=hint,
        details=error.details if error is not None else [],
    )


def _refusal(seen: Seen, name: str) -> ErrorBody | None:
    return seen.refused.get(steps.job_name(seen.job.name, name))


def spec_of_job(job: Job) -> PipelineJob:
    """Raises `Invalid` for a job that is no pipeline."""
    if isinstance(job.spec, PipelineJob):
        return job.spec
    raise Invalid(
        f"Job {job.name} is no pipeline, so it has no steps.",
        target="name",
        hint=f"It is a {job.spec.__struct_config__.tag} job: `%aml job show {job.name}`.",
    )
