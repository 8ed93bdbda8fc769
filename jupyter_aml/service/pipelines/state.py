"""What is to become of each step, given what became of the others. Pure.

Asked anew whenever something changed: so a step starts as soon as its needs are met, and after
``kill -9`` the same rows give the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from jupyter_aml.model.component import ConditionStep, JobStep, SweepStep
from jupyter_aml.model.errors import AmlError, ErrorBody
from jupyter_aml.model.job import Input, InputValue, Job
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.model.pipeline import PipelineJob
from jupyter_aml.service.pipelines import bindings, ports
from jupyter_aml.service.pipelines.bindings import OfPipeline, OfStep
from jupyter_aml.service.pipelines.graph import Block, Graph, component_of, graph
from jupyter_aml.service.pipelines.steps import job_name

Read = Callable[[str], str]
"""The text of a small file; raises `OSError`."""

Phase = Literal["waiting", "ready", "going", "completed", "failed", "skipped"]


@dataclass(frozen=True)
class State:
    """``reason`` says in words why it waits, failed or is skipped."""

    phase: Phase
    reason: str = ""
    value: bool | None = None
    """What a condition came to."""

    @property
    def is_over(self) -> bool:
        return self.phase in ("completed", "failed", "skipped")


@dataclass(frozen=True)
class Seen:
    """A pipeline and its steps' jobs, by the names of those."""

    job: Job
    children: Mapping[str, Job]
    refused: Mapping[str, ErrorBody]

    @property
    def spec(self) -> PipelineJob:
        assert isinstance(self.job.spec, PipelineJob)
        return self.job.spec

    def child(self, step: str) -> Job | None:
        return self.children.get(job_name(self.job.name, step))


def states(seen: Seen, read: Read) -> dict[str, State]:
    """Of every step, in the order in which they can run."""
    spec = seen.spec
    plan = graph(spec.jobs)
    found: dict[str, State] = {}
    for name in plan.order:
        step = spec.jobs[name]
        if isinstance(step, ConditionStep):
            found[name] = _condition(seen, name, step, plan, found, read)
        else:
            found[name] = _job(seen, name, step, plan, found)
    return found


def _job(
    seen: Seen,
    name: str,
    step: JobStep | SweepStep,
    plan: Graph,
    found: Mapping[str, State],
) -> State:
    child = seen.child(name)
    if child is not None:
        return _of_child(child)
    refused = seen.refused.get(job_name(seen.job.name, name))
    if refused is not None:
        return State("failed", refused.message)
    stopped = _blocked(plan.blocks.get(name), found)
    if stopped is not None:
        return stopped
    waits: list[str] = []
    for key, source in bindings.reads(seen.spec.jobs, name):
        phase = found[source.step].phase
        if phase == "skipped" and _is_optional(step, key):
            continue
        if phase in ("failed", "skipped"):
            what = _became(seen, source.step, phase)
            return State("skipped", f"its input {key} comes from {source.step}, which {what}")
        if phase != "completed":
            waits.append(source.step)
    if waits:
        return State("waiting", f"waits for {', '.join(dict.fromkeys(waits))}")
    return State("ready")


def _became(seen: Seen, step: str, phase: Phase) -> str:
    child = seen.child(step)
    if child is not None and child.status == "Canceled":
        return "was canceled"
    return "failed" if phase == "failed" else "was not run"


def _of_child(child: Job) -> State:
    if child.status not in JOB.final:
        return State("going", child.status_reason)
    if child.status == "Completed":
        return State("completed", child.status_reason)
    told = child.error.message if child.error is not None else child.status_reason
    what = "was canceled" if child.status == "Canceled" else "failed"
    return State("failed", told or what)


def _blocked(block: Block | None, found: Mapping[str, State]) -> State | None:
    """Why a step that a condition decides about does not run, or not yet."""
    if block is None:
        return None
    state = found[block.condition]
    if not state.is_over:
        return State("waiting", f"waits for the condition {block.condition}")
    if state.value is None:
        return State("skipped", f"the condition {block.condition} was not decided")
    if state.value is not block.when:
        return State("skipped", f"{block.condition} was {str(state.value).lower()}")
    return None


def _is_optional(step: JobStep | SweepStep, key: str) -> bool:
    component = component_of(step)
    port = component.inputs.get(key) if component is not None else None
    return port is not None and port.optional


# -- conditions -----------------------------------------------------------------------------


def _condition(
    seen: Seen,
    name: str,
    step: ConditionStep,
    plan: Graph,
    found: Mapping[str, State],
    read: Read,
) -> State:
    stopped = _blocked(plan.blocks.get(name), found)
    if stopped is not None:
        return stopped
    source = bindings.source(seen.spec.jobs, step.condition, name)
    if isinstance(source, OfStep):
        before = found[source.step]
        if before.phase in ("failed", "skipped"):
            return State("skipped", f"it needs {source}, which is not there")
        if before.phase != "completed":
            return State("waiting", f"waits for {source.step}")
    try:
        text = _text(seen, step.condition, source, read)
    except (OSError, AmlError) as error:
        why = getattr(error, "message", None) or f"{source} cannot be read: {error}"
        return State("failed", why)
    value = text.strip().lower()
    if value not in ("true", "false"):
        return State("failed", f"{source or step.condition} is {text[:40]!r}, no boolean")
    return State("completed", f"it was {value}", value == "true")


def _text(seen: Seen, told: str | bool, source: bindings.Binding | None, read: Read) -> str:
    if source is None:
        return str(told)
    value = resolved(seen, source, read, is_value=True)
    return str(value)


# -- inputs -------------------------------------------------------------------------------


def resolved(
    seen: Seen, source: bindings.Binding, read: Read, *, is_value: bool
) -> InputValue | None:
    """What a binding stands for now; None where there is nothing. May read a small file."""
    if isinstance(source, OfPipeline):
        return seen.spec.inputs.get(source.input)
    assert isinstance(source, OfStep)
    child = seen.child(source.step)
    if child is None or source.output not in child.outputs:
        return None
    path = child.outputs[source.output]
    return read(path).strip() if is_value else Input(path=path)


def inputs_of(seen: Seen, name: str, read: Read) -> dict[str, InputValue]:
    """The inputs of a step whose needs are met, as its job gets them. Raises `OSError`."""
    step = seen.spec.jobs[name]
    assert isinstance(step, JobStep | SweepStep)
    component = component_of(step)
    declared = component.inputs if component is not None else {}
    found: dict[str, InputValue] = {}
    for key, told in step.inputs.items():
        port = declared.get(key)
        where = f"jobs.{name}.inputs.{key}"
        is_value = port is not None and port.type in ports.VALUES
        source = bindings.source(seen.spec.jobs, told, where)
        value = told if source is None else resolved(seen, source, read, is_value=is_value)
        if value is None:
            continue
        if source is not None and isinstance(value, Input) and isinstance(told, Input):
            value = ports.over(value, told)
        found[key] = value if port is None else ports.check_value(where, port, value)
    for key, port in declared.items():
        if key not in found and port.default is not None:
            found[key] = port.default
    return found
