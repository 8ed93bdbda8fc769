"""``componentSpec``: what the SDK sends of a component, in the words of its own files.

It is kept as it was sent and given back so; `told` makes one for a component that came otherwise.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from jupyter_aml.model import not_run
from jupyter_aml.model.component import (
    CommandComponent,
    ComponentInput,
    ComponentOutput,
    ComponentSpec,
    ParallelComponent,
    PipelineComponent,
)
from jupyter_aml.model.errors import Invalid
from jupyter_aml.service.arm.jobs import references, steps
from jupyter_aml.service.arm.jobs.reading import distribution
from jupyter_aml.service.arm.jobs.wire import Distribution, Json
from jupyter_aml.service.arm.message import convert
from jupyter_aml.service.arm.remainder import without_nulls
from jupyter_aml.service.backends.protocol import CodesFacet

PATH = "$.properties.componentSpec"
KEPT = "componentSpec"
"""Field of `ComponentFields.azure`."""


class _Resources(msgspec.Struct, frozen=True):
    instance_count: Annotated[int, Meta(ge=1, le=100)] = 1


class _Program(msgspec.Struct, frozen=True, kw_only=True):
    """A command, and the task of a parallel component."""

    code: str = ""
    environment: str = ""
    environment_variables: dict[str, str] = {}


class _Command(_Program, frozen=True, kw_only=True):
    command: Annotated[str, Meta(min_length=1)]
    distribution: Json | None = None


class _Task(_Program, frozen=True, kw_only=True):
    entry_script: Annotated[str, Meta(min_length=1)]
    program_arguments: str = ""
    append_row_to: str = ""
    model: str = ""


class _Parallel(msgspec.Struct, frozen=True, kw_only=True):
    task: _Task
    input_data: Annotated[str, Meta(min_length=1)]


class _Component(msgspec.Struct, frozen=True, kw_only=True):
    type: str = "command"
    display_name: str = ""
    description: str = ""
    tags: dict[str, str] = {}
    is_deterministic: bool = True
    inputs: dict[str, Json] = {}
    outputs: dict[str, Json] = {}
    resources: _Resources = _Resources()


async def read(
    sent: Json, name: str, version: str, codes: CodesFacet, azure: Json
) -> ComponentSpec:
    """The component of a body. Raises `Invalid` with the JSON path, and `NotFound` for its code."""
    fields: Json = without_nulls(sent)
    asked = convert(fields, _Component, PATH)
    shared: Json = {
        "name": name,
        "version": version,
        "display_name": asked.display_name,
        "description": asked.description,
        "tags": asked.tags,
        "is_deterministic": asked.is_deterministic,
        "inputs": {one: _input(port, f"{PATH}.inputs.{one}") for one, port in asked.inputs.items()},
        "outputs": {
            one: _output(port, f"{PATH}.outputs.{one}") for one, port in asked.outputs.items()
        },
        "azure": {**azure, KEPT: sent},
    }
    kind = asked.type.lower()
    if kind == "pipeline":
        jobs = convert(fields.get("jobs"), Json, f"{PATH}.jobs")
        return PipelineComponent(jobs=steps.read_steps(jobs, f"{PATH}.jobs"), **shared)
    shared["instance_count"] = asked.resources.instance_count
    if kind == "command":
        return await _command(fields, codes, shared)
    if kind == "parallel":
        return await _parallel(fields, codes, shared)
    target = f"{PATH}.type"
    raise not_run.refusal("Components", kind, target) or Invalid(
        f"There is no type of components {kind!r} here.",
        target=target,
        hint="It is command, parallel or pipeline; a sweep is a step with a command as its trial.",
    )


async def _command(fields: Json, codes: CodesFacet, shared: Json) -> CommandComponent:
    asked = convert(fields, _Command, PATH)
    said = None
    if asked.distribution is not None:
        told = steps.camel(asked.distribution)
        told.setdefault("distributionType", told.pop("type", ""))
        here = f"{PATH}.distribution"
        said = distribution(convert(told, Distribution, here), here)
    return CommandComponent(
        command=asked.command, distribution=said, **await _program(asked, codes, PATH), **shared
    )


async def _parallel(fields: Json, codes: CodesFacet, shared: Json) -> ParallelComponent:
    asked = convert(fields, _Parallel, PATH)
    task = asked.task
    return ParallelComponent(
        entry_script=task.entry_script,
        program_arguments=task.program_arguments,
        append_row_to=task.append_row_to,
        model=task.model,
        input_data=asked.input_data,
        settings=steps.parallel_settings(fields, PATH),
        **await _program(task, codes, f"{PATH}.task"),
        **shared,
    )


async def _program(asked: _Program, codes: CodesFacet, path: str) -> Json:
    code = asked.code.removeprefix("azureml:") if asked.code.startswith("azureml:/") else asked.code
    return {
        "code": await references.code(codes, code, f"{path}.code"),
        "environment": references.environment(asked.environment) or "kernel",
        "environment_variables": asked.environment_variables,
    }


# -- ports --------------------------------------------------------------------------------------


def _input(sent: Json, path: str) -> ComponentInput:
    told = {**sent, "type": str(sent.get("type", "")).lower()}
    for name in ("default", "min", "max"):
        if name in told:
            told[name] = _value(told[name], told["type"], f"{path}.{name}")
    if "enum" in told:
        told["enum"] = [str(one) for one in convert(told["enum"], list[Any], f"{path}.enum")]
    return convert(told, ComponentInput, path)


def _output(sent: Json, path: str) -> ComponentOutput:
    told = {**sent, "type": str(sent.get("type") or "uri_folder").lower()}
    return convert(told, ComponentOutput, path)


def _value(sent: Any, kind: str, path: str) -> Any:
    """ARM has values as texts, whatever their type."""
    if not isinstance(sent, str):
        return sent
    try:
        if kind == "number":
            return float(sent)
        if kind == "integer":
            return int(sent)
    except ValueError:
        raise Invalid(f"{sent!r} is no {kind}.", target=path) from None
    if kind == "boolean" and sent.lower() in ("true", "false"):
        return sent.lower() == "true"
    return sent


# -- the other way round ------------------------------------------------------------------------


def told(spec: ComponentSpec) -> Json:
    """As it was sent, under the name and words that it has now."""
    kept = spec.azure.get(KEPT)
    found: Json = dict(kept) if isinstance(kept, dict) else _made(spec)  # type: ignore[arg-type]
    words: Json = {
        "name": spec.name,
        "version": spec.version,
        "display_name": spec.display_name or None,
        "description": spec.description or None,
        "tags": spec.tags,
    }
    return {**found, **{name: value for name, value in words.items() if value}}


def _made(spec: ComponentSpec) -> Json:
    """Of one that did not come from the SDK: what it declares. Its code is no code asset."""
    found: Json = {
        "type": spec.__struct_config__.tag,
        "is_deterministic": spec.is_deterministic,
        "inputs": {name: _port(one) for name, one in spec.inputs.items()},
        "outputs": {name: _port(one) for name, one in spec.outputs.items()},
    }
    if isinstance(spec, CommandComponent):
        found["command"] = spec.command
        found["environment"] = f"azureml:{spec.environment}"
    elif isinstance(spec, ParallelComponent):
        found["input_data"] = spec.input_data
        found["task"] = {
            "type": "run_function",
            "entry_script": spec.entry_script,
            "program_arguments": spec.program_arguments,
            "environment": f"azureml:{spec.environment}",
        }
    else:
        found["jobs"] = {}
    return found


def _port(port: ComponentInput | ComponentOutput) -> Json:
    fields = msgspec.to_builtins(port)
    return {name: value for name, value in fields.items() if value not in (None, "", [], False)}
