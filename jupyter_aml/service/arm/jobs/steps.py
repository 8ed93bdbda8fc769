"""Steps of pipelines, from ARM: of pipeline jobs, and of pipeline components.

Here the SDK sends what its own files hold, in small letters with underlines, and not ARM's words.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, cast

import msgspec
from msgspec import Meta

from jupyter_aml.model import not_here, not_run
from jupyter_aml.model.component import (
    ConditionStep,
    JobStep,
    ParallelSettings,
    Step,
    SweepStep,
)
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.spec import Input, InputValue, Literals, Output
from jupyter_aml.service.arm.durations import seconds
from jupyter_aml.service.arm.jobs import references, words
from jupyter_aml.service.arm.jobs.reading import distribution, snake
from jupyter_aml.service.arm.jobs.wire import Distribution, Json
from jupyter_aml.service.arm.message import convert, refused
from jupyter_aml.service.arm.scope import reference

_BLOCK = re.compile(r"\$\{\{\s*parent\.jobs\.([^.}\s]+)\s*\}\}")


class _Resources(msgspec.Struct, frozen=True):
    instance_count: Annotated[int, Meta(ge=1, le=100)] | None = None


class _Binding(msgspec.Struct, frozen=True):
    """An input: a literal, or data."""

    job_input_type: str = ""
    value: str | int | float | bool | None = None
    uri: str = ""
    mode: str = ""


class _Out(msgspec.Struct, frozen=True):
    """An output; ``value`` binds it to one of the pipeline's."""

    job_output_type: str = ""
    value: str = ""
    uri: str = ""
    mode: str = ""
    name: str = ""
    version: str | int = ""


class _Trial(msgspec.Struct, rename="camel", frozen=True):
    component_id: Annotated[str, Meta(min_length=1)]


class _Node(msgspec.Struct, frozen=True, kw_only=True):
    type: str = "command"
    component_id: str = msgspec.field(name="componentId", default="")
    compute_id: str = msgspec.field(name="computeId", default="")
    trial: _Trial | None = None
    inputs: dict[str, _Binding | str | int | float | bool] = {}
    outputs: dict[str, _Out | str] = {}
    environment: str | None = ""
    environment_variables: dict[str, str] = {}
    resources: _Resources = _Resources()
    limits: Json = {}
    distribution: Json | None = None
    display_name: str = ""
    description: str = ""
    tags: dict[str, str] = {}
    properties: dict[str, str] = {}
    # of a condition
    condition: str | bool = ""
    true_block: str | list[str] = []
    false_block: str | list[str] = []


_PARALLEL = frozenset(ParallelSettings.__struct_fields__)


def read_steps(sent: Json, path: str) -> dict[str, Step]:
    """Every step of ``jobs`` (without nulls), in their order. Raises `Invalid`, saying where."""
    return {name: read_step(one, f"{path}.{name}") for name, one in sent.items()}


def read_step(sent: object, path: str) -> Step:
    fields = convert(sent, Json, path)
    refusal = not_run.refusal("Steps", str(fields.get("type", "")), f"{path}.type")
    if refusal is not None:
        raise refusal
    node = convert(fields, _Node, path)
    kind = node.type.lower()
    if kind == "if_else":
        return ConditionStep(
            condition=node.condition,
            true_block=_block(node.true_block),
            false_block=_block(node.false_block),
        )
    common = _common(node, fields, path)
    if kind == "sweep":
        return _sweep(node, fields, common, path)
    if not node.component_id:
        raise refused("The step names no component", f"{path}.componentId")
    return JobStep(
        component=component(node.component_id),
        parallel=parallel_settings(fields, path),
        timeout=_time(node.limits.get("timeout"), f"{path}.limits.timeout"),
        distribution=_distribution(node, path),
        **common,
    )


def component(sent: str) -> str:
    """``azureml:name:version`` of an id; anything else as it is."""
    found = reference(sent)
    if found is None or "://" in sent or not found.name:
        return sent
    if found.version:
        return f"azureml:{found.name}:{found.version}"
    return f"azureml:{found.name}@{found.label or 'latest'}"


def _common(node: _Node, sent: Json, path: str) -> Json:
    resources = not_here.said(sent.get("resources", {}), not_here.RESOURCES)
    compute = _compute(node.compute_id, f"{path}.computeId")
    return {
        "inputs": {name: _input(one, f"{path}.inputs.{name}") for name, one in _set(node.inputs)},
        "outputs": {
            name: _output(one, f"{path}.outputs.{name}") for name, one in node.outputs.items()
        },
        "compute": compute,
        "environment": references.environment(node.environment) if node.environment else "",
        "environment_variables": node.environment_variables,
        "instance_count": node.resources.instance_count,
        "display_name": node.display_name,
        "description": node.description,
        "tags": node.tags,
        "properties": node.properties,
        "warnings": [*not_here.said(sent, not_here.JOB), *resources],
    }


def _set(inputs: dict[str, Any]) -> list[tuple[str, Any]]:
    """Without optional ones that are not set."""
    empty = _Binding(job_input_type="literal")
    return [(name, one) for name, one in inputs.items() if one != empty]


def _input(sent: _Binding | Literals, path: str) -> InputValue:
    if not isinstance(sent, _Binding):
        return sent
    mode = words.ours(words.INPUT_MODES, sent.mode, f"{path}.mode") if sent.mode else "ro_mount"
    if sent.uri:
        return Input(path=sent.uri, type=words.kind(sent.job_input_type, path), mode=mode)
    if sent.value is None:
        raise refused("The input has neither value nor uri", path)
    if sent.mode and isinstance(sent.value, str):
        return Input(path=sent.value, mode=mode)  # a binding, with how to get what it leads to
    return sent.value


def _output(sent: _Out | str, path: str) -> Output:
    if isinstance(sent, str):
        return Output(path=sent)
    mode = words.ours(words.OUTPUT_MODES, sent.mode, f"{path}.mode") if sent.mode else "rw_mount"
    kind = sent.job_output_type or "uri_folder"
    return Output(
        path=sent.value or sent.uri,
        type=words.kind(kind, f"{path}.job_output_type"),
        mode=mode,
        name=sent.name,
        version=str(sent.version),
    )


def _compute(sent: str, path: str) -> str:
    """A name, or the input of the pipeline that will say it."""
    if not sent or sent.startswith("${{"):
        return sent
    return references.compute(sent, path)


def _block(sent: str | list[str]) -> list[str]:
    """Names of steps, of the bindings that a condition has for them."""
    told = [sent] if isinstance(sent, str) else sent
    return [found[1] if (found := _BLOCK.fullmatch(one)) else one for one in told if one]


def _distribution(node: _Node, path: str) -> Any:
    if node.distribution is None:
        return None
    told = convert(camel(node.distribution), Distribution, f"{path}.distribution")
    return distribution(told, f"{path}.distribution")


def parallel_settings(sent: Json, path: str) -> ParallelSettings:
    """Of a step, and of a parallel component."""
    retry = convert(sent.get("retry_settings", {}), Json, f"{path}.retry_settings")
    told = {name: one for name, one in sent.items() if name in _PARALLEL}
    told.pop("timeout", None)
    for name in ("timeout", "max_retries"):
        if name in retry:
            told[name] = retry[name]
    if isinstance(level := told.get("logging_level"), str):
        told["logging_level"] = level.lower()
    if isinstance(size := told.get("mini_batch_size"), str):
        told["mini_batch_size"] = _files(size, f"{path}.mini_batch_size")
    return convert(camel(told), ParallelSettings, path)


def _files(text: str, path: str) -> int:
    if not text.isdecimal():
        raise Invalid(
            f"{text!r} is no number of files.",
            target=path,
            hint="Mini-batches are counted in files here, not in bytes.",
        )
    return int(text)


def _sweep(node: _Node, sent: Json, common: Json, path: str) -> SweepStep:
    if node.trial is None:
        raise refused("The step has no trial", f"{path}.trial")
    sampling = sent.get("sampling_algorithm", "random")
    limits = dict(node.limits)
    timeout = _time(limits.pop("timeout", None), f"{path}.limits.timeout")
    if "trial_timeout" in limits:
        limits["trial_timeout"] = _time(limits["trial_timeout"], f"{path}.limits.trial_timeout")
    limits.pop("job_limits_type", None)
    told = {
        "trial": component(node.trial.component_id),
        "searchSpace": {
            name: camel(one) for name, one in convert(sent.get("search_space"), Json, path).items()
        },
        "sampling": {"type": sampling} if isinstance(sampling, str) else _sampling(sampling),
        "objective": camel(sent.get("objective")),
        "limits": camel(limits),
    }
    if policy := sent.get("early_termination"):
        told["earlyTermination"] = _policy(convert(policy, Json, path))
    step = convert({"type": "sweep", **told}, SweepStep, path)
    return msgspec.structs.replace(step, timeout=timeout, **common)


def _sampling(sent: Any) -> Any:
    told = camel(sent)
    told["type"] = str(told.pop("samplingAlgorithmType", told.get("type", ""))).lower()
    if told.get("logbase") == "e":
        del told["logbase"]
    return told


def _policy(sent: Json) -> Json:
    """The SDK sends ``policy_type``, as ARM writes it: MedianStopping."""
    told = camel(sent)
    kind = str(told.pop("policyType", told.get("type", "")))
    return {**told, "type": snake(kind)}


def _time(sent: object, path: str) -> float | None:
    """Seconds, or an ISO duration."""
    if sent is None or isinstance(sent, int | float):
        return None if sent is None else float(sent)
    return float(seconds(convert(sent, str, path), path))


def camel(sent: Any) -> Any:
    """Fields as our own JSON has them: ``max_total_trials`` is maxTotalTrials there."""
    if not isinstance(sent, dict):
        return sent
    return {
        re.sub(r"_([a-z])", lambda found: found[1].upper(), name): one
        for name, one in cast("Json", sent).items()
    }
