"""The graph of a pipeline: what needs what, in which order, and what is refused of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from jupyter_aml.model.component import (
    ComponentSpec,
    ConditionStep,
    JobStep,
    PipelineComponent,
    Step,
    SweepStep,
)
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.nearest import nearest
from jupyter_aml.service.pipelines import bindings, ports
from jupyter_aml.service.pipelines.bindings import OfPipeline, OfStep

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_\-]{0,99}")


@dataclass(frozen=True)
class Block:
    """The condition that decides about a step."""

    condition: str
    when: bool

    def __str__(self) -> str:
        return f"{self.condition}.{str(self.when).lower()}"


@dataclass(frozen=True)
class Graph:
    """``order``: every step after all that it needs."""

    needs: Mapping[str, tuple[str, ...]]
    blocks: Mapping[str, Block]
    order: tuple[str, ...]


def component_of(step: Step) -> ComponentSpec | None:
    """The component of a settled step; None for a condition, or where it is not written out."""
    if isinstance(step, ConditionStep):
        return None
    found = step.component if isinstance(step, JobStep) else step.trial
    return None if isinstance(found, str) else found


def graph(jobs: Mapping[str, Step]) -> Graph:
    """Of steps whose names are known to be right (`check`). Raises `Invalid` for a cycle."""
    blocks = _blocks(jobs)
    needs: dict[str, tuple[str, ...]] = {}
    for name in jobs:
        found = [source.step for _, source in bindings.reads(jobs, name)]
        if name in blocks:
            found.append(blocks[name].condition)
        needs[name] = tuple(dict.fromkeys(found))
    return Graph(needs, blocks, tuple(_order(needs)))


def _blocks(jobs: Mapping[str, Step]) -> dict[str, Block]:
    found: dict[str, Block] = {}
    for name, step in jobs.items():
        if isinstance(step, ConditionStep):
            found |= {one: Block(name, True) for one in step.true_block}
            found |= {one: Block(name, False) for one in step.false_block}
    return found


def _order(needs: Mapping[str, tuple[str, ...]]) -> list[str]:
    done: dict[str, None] = {}
    while len(done) < len(needs):
        ready = [n for n in needs if n not in done and all(one in done for one in needs[n])]
        if not ready:
            circle = _circle({name: of for name, of in needs.items() if name not in done})
            raise Invalid(
                f"The steps need each other in a circle: {' → '.join(circle)}.",
                target=f"jobs.{circle[0]}",
                hint="Take one of the bindings out. Nothing was started.",
            )
        done |= dict.fromkeys(ready)
    return list(done)


def _circle(needs: Mapping[str, tuple[str, ...]]) -> list[str]:
    """One circle among steps that all wait for one another."""
    way = [next(iter(needs))]
    while True:
        step = next(one for one in needs[way[-1]] if one in needs)
        if step in way:
            return [*way[way.index(step) :], step]
        way.append(step)


# -- refusals -----------------------------------------------------------------------------


def check(
    jobs: Mapping[str, Step],
    inputs: Mapping[str, str] | None,
    outputs: Mapping[str, object],
    *,
    where: str = "jobs",
) -> Graph:
    """Refuse wrong names, types that do not fit and circles, saying where.

    `inputs` are the pipeline's own with their types ("" for any), None where more than those may
    be given; the components of `jobs` are written out.
    """
    for name in jobs:
        if not _NAME.fullmatch(name):
            raise Invalid(
                f"{name!r} cannot name a step.",
                target=where,
                hint="Letters, digits, _ and -, first no digit.",
            )
    taken: dict[str, str] = {}
    for name, step in jobs.items():
        place = f"{where}.{name}"
        if isinstance(step, ConditionStep):
            _check_condition(place, name, step, jobs, inputs)
        else:
            _check_inputs(place, step, jobs, inputs)
            _check_outputs(place, step, outputs, taken)
            _check_compute(f"{place}.compute", step, inputs)
    _check_blocks(where, jobs)
    return graph(jobs)


def _check_inputs(
    place: str,
    step: JobStep | SweepStep,
    jobs: Mapping[str, Step],
    inputs: Mapping[str, str] | None,
) -> None:
    component = component_of(step)
    if component is None:
        return
    given = dict(step.inputs)
    if isinstance(step, SweepStep):  # what the search space names needs no value
        given = {name: 0 for name in step.search_space if name in component.inputs} | given
    ports.check_names(place, component, given)
    for name, value in step.inputs.items():
        spot = f"{place}.inputs.{name}"
        port = component.inputs.get(name)
        source = bindings.source(jobs, value, spot)
        if source is None:
            if port is not None and not isinstance(bindings.read(value, spot), bindings.SameAs):
                ports.check_value(spot, port, value)
            continue
        kind = _type_of(spot, source, jobs, inputs)
        if kind and port is not None and not ports.fits(kind, port.type):
            raise Invalid(
                f"{bindings.text_of(value)} is {kind}, and the input {name} takes {port.type}.",
                target=spot,
                hint="Change one of the two types. Nothing was started.",
            )


def _check_compute(spot: str, step: JobStep | SweepStep, inputs: Mapping[str, str] | None) -> None:
    source = bindings.read(step.compute, spot)
    if isinstance(source, OfPipeline) and inputs is not None and source.input not in inputs:
        _unknown(spot, "The pipeline has no input", source.input, list(inputs))


def _type_of(
    spot: str,
    source: OfPipeline | OfStep | bindings.SameAs,
    jobs: Mapping[str, Step],
    inputs: Mapping[str, str] | None,
) -> str:
    if isinstance(source, OfPipeline):
        if inputs is None:
            return ""
        if source.input not in inputs:
            _unknown(spot, "The pipeline has no input", source.input, list(inputs))
        return inputs[source.input]
    assert isinstance(source, OfStep)
    step = jobs.get(source.step)
    if step is None:
        _unknown(spot, "There is no step", source.step, list(jobs))
    component = component_of(step)
    known = component.outputs if component is not None else {}
    if source.output not in known:
        _unknown(spot, f"The step {source.step} has no output", source.output, list(known))
    return known[source.output].type


def _unknown(spot: str, what: str, name: str, known: list[str]) -> NoReturn:
    there = ", ".join(known) or "none"
    raise Invalid(
        f"{what} {name!r}.", target=spot, hint=f"{nearest(name, known)}There are: {there}."
    )


def _check_outputs(
    place: str, step: JobStep | SweepStep, outputs: Mapping[str, object], taken: dict[str, str]
) -> None:
    component = component_of(step)
    for name, output in step.outputs.items():
        spot = f"{place}.outputs.{name}"
        if component is not None and name not in component.outputs:
            _unknown(spot, "The component has no output", name, list(component.outputs))
        target = bindings.goal(output)
        if not target:
            bindings.read(output.path, spot)  # no other binding makes sense there
            continue
        if target not in outputs and not isinstance(component, PipelineComponent):
            _unknown(spot, "The pipeline has no output", target, list(outputs))
        if target in taken:
            raise Invalid(
                f"Two steps write the pipeline's output {target}: {taken[target]} too.",
                target=spot,
                hint="Give each an output of its own.",
            )
        taken[target] = place


def _check_condition(
    place: str,
    name: str,
    step: ConditionStep,
    jobs: Mapping[str, Step],
    inputs: Mapping[str, str] | None,
) -> None:
    spot = f"{place}.condition"
    if not step.true_block and not step.false_block:
        raise Invalid(
            f"The condition {name} decides about no step.",
            target=place,
            hint="Name steps in true_block or false_block.",
        )
    source = bindings.source(jobs, step.condition, spot)
    if source is None:
        if str(step.condition).lower() not in ("true", "false"):
            raise Invalid(
                f"{step.condition!r} is neither true nor false.",
                target=spot,
                hint="Bind it to an output of type boolean: ${{parent.jobs.STEP.outputs.NAME}}.",
            )
        return
    kind = _type_of(spot, source, jobs, inputs)
    if kind not in ("", "boolean", "string"):
        raise Invalid(
            f"{step.condition} is {kind}, and a condition is a boolean.",
            target=spot,
            hint="Declare that output with type: boolean.",
        )


def _check_blocks(where: str, jobs: Mapping[str, Step]) -> None:
    owner: dict[str, str] = {}
    for name, step in jobs.items():
        if not isinstance(step, ConditionStep):
            continue
        for one in [*step.true_block, *step.false_block]:
            if one not in jobs:
                _unknown(f"{where}.{name}", "There is no step", one, list(jobs))
            if one in owner:
                raise Invalid(
                    f"Two blocks decide about the step {one}.",
                    target=f"{where}.{name}",
                    hint="A step stands in one block of one condition.",
                )
            owner[one] = name
