"""``${{parent.inputs.x}}`` and its kin: what an input of a step is bound to.

A binding is the whole value, or the whole path of an `Input`. In a step they are read in the
context of its pipeline; ``${{inputs.x}}`` in a command is the component's own (`local.jobs`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jupyter_aml.model.component import ConditionStep, Step
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.references import compute_name
from jupyter_aml.model.spec import Input, InputValue, Output

_WHOLE = re.compile(
    r"\$\{\{\s*(?:parent\.(inputs|outputs)\.([^\s{}]+)"
    r"|(?:parent\.)?jobs\.([^\s{}.]+)\.(inputs|outputs)\.([^\s{}]+))\s*\}\}"
)
_SOME = re.compile(r"\$\{\{\s*(?:parent\.|jobs\.)[^{}]*\}\}")
_FORMS = "Write ${{parent.inputs.NAME}} or ${{parent.jobs.STEP.outputs.NAME}}, and nothing else."


@dataclass(frozen=True)
class OfPipeline:
    """An input of the pipeline."""

    input: str


@dataclass(frozen=True)
class OfStep:
    """An output of a step."""

    step: str
    output: str

    def __str__(self) -> str:
        return f"{self.step}.{self.output}"


@dataclass(frozen=True)
class SameAs:
    """What an input of another step is bound to."""

    step: str
    input: str


Binding = OfPipeline | OfStep | SameAs


def text_of(value: InputValue) -> str:
    """Where a binding may stand; "" for what cannot be one."""
    if isinstance(value, Input):
        return value.path
    return value if isinstance(value, str) else ""


def read(value: InputValue, where: str) -> Binding | None:
    """What `value` is bound to; None for a value or data of its own. Raises `Invalid`."""
    text = text_of(value)
    found = _WHOLE.fullmatch(text.strip())
    if found is None:
        if _SOME.search(text):
            raise Invalid(f"{text!r} is no binding.", target=where, hint=_FORMS)
        return None
    group, name, step, kind, port = found.groups()
    if group == "outputs":
        raise Invalid("An input cannot be bound to an output.", target=where, hint=_FORMS)
    if group == "inputs":
        return OfPipeline(name)
    return OfStep(step, port) if kind == "outputs" else SameAs(step, port)


def compute(told: str, inputs: Mapping[str, InputValue], where: str) -> str:
    """The compute that a step names, if need be by an input of its pipeline.

    "" where it names none, or where the input's value is not known yet. Raises `Invalid`.
    """
    found = read(told, where)
    if found is None:
        return told
    if not isinstance(found, OfPipeline):
        raise Invalid(
            "A compute can be bound to an input of the pipeline alone.",
            target=where,
            hint="Write ${{parent.inputs.NAME}}.",
        )
    value = inputs.get(found.input, "")
    if not isinstance(value, str):
        raise Invalid(
            f"The input {found.input} names no compute.", target=where, hint="Give it a name."
        )
    return "" if read(value, where) is not None else compute_name(value)


def goal(output: Output) -> str:
    """Name of the pipeline's output that a step's output is; "" for one of its own."""
    found = _WHOLE.fullmatch(output.path.strip())
    return found[2] if found is not None and found[1] == "outputs" else ""


def source(jobs: Mapping[str, Step], value: InputValue, where: str) -> Binding | None:
    """`read`, followed through the inputs of other steps. Raises `Invalid`."""
    seen: set[tuple[str, str]] = set()
    found = read(value, where)
    while isinstance(found, SameAs):
        place = (found.step, found.input)
        step = jobs.get(found.step)
        if place in seen or step is None or isinstance(step, ConditionStep):
            raise Invalid(f"{text_of(value)} leads nowhere.", target=where, hint=_FORMS)
        if found.input not in step.inputs:
            return None
        seen.add(place)
        found = read(step.inputs[found.input], f"jobs.{found.step}.inputs.{found.input}")
    return found


def reads(jobs: Mapping[str, Step], name: str) -> Iterator[tuple[str, OfStep]]:
    """The inputs of a step that come from other steps; of a condition, ``condition``."""
    step = jobs[name]
    if isinstance(step, ConditionStep):
        told = {"condition": step.condition}
    else:
        told = step.inputs
    for key, value in told.items():
        found = source(jobs, value, f"jobs.{name}.inputs.{key}")
        if isinstance(found, OfStep):
            yield key, found


def producers(jobs: Mapping[str, Step]) -> dict[str, OfStep]:
    """Name of each output of the pipeline to the step's output that it is."""
    return {
        target: OfStep(name, key)
        for name, step in jobs.items()
        if not isinstance(step, ConditionStep)
        for key, output in step.outputs.items()
        if (target := goal(output))
    }
