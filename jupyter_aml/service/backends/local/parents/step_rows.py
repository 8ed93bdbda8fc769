"""The steps of a pipeline as they are, for `jobs.steps`."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from jupyter_aml.model.component import (
    ComponentSpec,
    ConditionStep,
    JobStep,
    Step,
)
from jupyter_aml.model.job import Input, InputValue, Job, ReusedJob
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.model.pipeline import StepList, StepRow
from jupyter_aml.service.backends.local.parents.pipelines import read, seen_of
from jupyter_aml.service.backends.local.parents.planning import View
from jupyter_aml.service.pipelines import bindings, state
from jupyter_aml.service.pipelines.graph import Graph, component_of, graph
from jupyter_aml.service.pipelines.state import Seen, State

_STATUS = {
    "waiting": "NotStarted",
    "ready": "NotStarted",
    "going": "Running",
    "completed": "Completed",
    "failed": "Failed",
    "skipped": "Skipped",
}
"""Of what has no job of its own."""


def step_list(view: View) -> StepList:
    seen = seen_of(view)
    found, plan = state.states(seen, read), graph(seen.spec.jobs)
    rows = [_row(seen, name, found[name], plan) for name in seen.spec.jobs]
    made = bindings.producers(seen.spec.jobs)
    return StepList(
        value=rows,
        inputs=_shown(seen.spec.inputs),
        outputs={name: str(made[name]) for name in seen.spec.outputs if name in made},
    )


def _row(seen: Seen, name: str, found: State, plan: Graph) -> StepRow:
    step = seen.spec.jobs[name]
    child = seen.child(name)
    row = StepRow(
        name=name,
        type=_type(step),
        status=_STATUS[found.phase],
        reason=found.reason,
        needs=list(plan.needs[name]),
        reads={key: str(source) for key, source in bindings.reads(seen.spec.jobs, name)},
        block=str(plan.blocks[name]) if name in plan.blocks else "",
        component=_component(step),
        display_name=name if isinstance(step, ConditionStep) else step.display_name or name,
        compute="" if isinstance(step, ConditionStep) else _compute(seen, name, step.compute),
    )
    if child is not None:
        return _of_job(row, child)
    return _never(row, seen.job) if seen.job.status in JOB.final else row


def _compute(seen: Seen, name: str, told: str) -> str:
    spec = seen.spec
    return bindings.compute(told, spec.inputs, f"jobs.{name}.compute") or spec.compute


def _of_job(row: StepRow, child: Job) -> StepRow:
    spec = child.spec
    reused = spec.job if isinstance(spec, ReusedJob) else ""
    inputs: Mapping[str, InputValue] = getattr(spec, "inputs", {})
    return replace(
        row,
        job=child.name,
        status=child.status,
        reason=child.status_reason if child.error is None else child.error.message,
        reused_from=reused,
        inputs=_shown(inputs),
        outputs=child.outputs,
        started_at=child.started_at,
        ended_at=child.ended_at,
        progress=child.progress,
        list_price=child.receipt.list_price if child.receipt is not None else None,
    )


def _never(row: StepRow, pipeline: Job) -> StepRow:
    """A step that got no job in a pipeline that has ended."""
    error = pipeline.error
    if error is not None and error.target == f"jobs.{row.name}":
        return replace(row, status="Failed", reason=error.message)
    if row.status in ("Skipped", "Completed", "Failed"):
        return row
    why = "was canceled" if pipeline.status == "Canceled" else "had failed"
    return replace(row, status="Skipped", reason=f"the pipeline {why} before it began")


def _type(step: Step) -> str:
    if isinstance(step, JobStep):
        component = component_of(step)
        return "command" if component is None else str(component.__struct_config__.tag)
    return str(step.__struct_config__.tag)


def _component(step: Step) -> str:
    if isinstance(step, ConditionStep):
        return ""
    component: ComponentSpec | None = component_of(step)
    return step.reference or (component.name if component is not None else "")


def _shown(values: Mapping[str, InputValue]) -> dict[str, str]:
    return {
        name: (value.reference or value.path) if isinstance(value, Input) else str(value)
        for name, value in values.items()
    }
