"""The part of an ``az ml`` sweep file that a command-job file has not: see `client.jobfile`."""

from __future__ import annotations

from typing import Any, TypeVar, get_args

import msgspec

from jupyter_aml.client.yamlfile import Fields
from jupyter_aml.model.sweep import (
    MOST_TRIALS,
    Dimension,
    EarlyTermination,
    Objective,
    Sampling,
    SweepLimits,
)

_LONGEST = 10 * 365 * 86_400

T = TypeVar("T", bound=msgspec.Struct)


def program_of(fields: Fields) -> Fields:
    """``trial``: what each trial runs."""
    told = fields.take("trial")
    if isinstance(told, str):
        hint = "Write command, code and environment under trial."
        fields.refuse("trial", "is written out here, and names no component", hint)
    if told is None:
        fields.refuse("trial", "is missing: what each trial runs", "As in  trial: {command: …}")
    return Fields(told, fields.label, f"{fields.path}.trial")


def read_sweep(fields: Fields) -> dict[str, Any]:
    """Search space, sampling, objective, limits and policy, as fields of a `SweepJob`."""
    space = fields.fields("search_space")
    if space is None:
        fields.refuse("search_space", "is missing: which values are tried")
    objective = fields.fields("objective")
    if objective is None:
        fields.refuse("objective", "is missing: goal and primary_metric")
    goal = objective.choice("goal", ("minimize", "maximize"))
    told = {"goal": goal, "primary_metric": objective.text("primary_metric")}
    limits, timeout = _limits(fields)
    return {
        "search_space": {name: _dimension(space, name) for name in space.keys()},  # noqa: SIM118
        "sampling": _sampling(fields),
        "objective": _made(objective, Objective, told),
        "limits": limits,
        "timeout": timeout,
        "early_termination": _policy(fields),
    }


def _dimension(space: Fields, name: str) -> Dimension:
    inner = space.fields(name)
    if inner is None:
        space.refuse(name, "has a type, as choice or uniform, and what belongs to it")
    return _one_of(inner, Dimension)


def _sampling(fields: Fields) -> Sampling:
    told = fields.take("sampling_algorithm")
    given = {"type": told} if isinstance(told, str) else told
    if given is None:
        given = {"type": "random"}
    return _one_of(Fields(given, fields.label, f"{fields.path}.sampling_algorithm"), Sampling)


def _policy(fields: Fields) -> EarlyTermination | None:
    inner = fields.fields("early_termination")
    return None if inner is None else _one_of(inner, EarlyTermination)


def _limits(fields: Fields) -> tuple[SweepLimits, float | None]:
    inner = fields.fields("limits")
    if inner is None:
        return SweepLimits(), None
    timeout = inner.number("timeout")
    if timeout is not None and not 0 < timeout < _LONGEST:
        inner.refuse("timeout", f"is a number of seconds above 0, and cannot be {timeout:g}")
    given = {
        "max_total_trials": inner.integer("max_total_trials", 1, MOST_TRIALS),
        "max_concurrent_trials": inner.integer("max_concurrent_trials", 1, MOST_TRIALS),
        "trial_timeout": inner.number("trial_timeout"),
    }
    told = {name: value for name, value in given.items() if value is not None}
    return _made(inner, SweepLimits, told), timeout


def _one_of(inner: Fields, union: Any) -> Any:
    """The struct of `union` that ``type`` names, of the other fields."""
    kinds = {str(kind.__struct_config__.tag): kind for kind in get_args(union)}
    tag = inner.choice("type", kinds)
    if not tag:
        inner.refuse("type", "is missing", f"It is one of {', '.join(kinds)}.")
    kind = kinds[tag]
    given = {name: inner.take(name) for name in kind.__struct_fields__}
    if given.get("logbase") == "e":
        given["logbase"] = None
    return _made(inner, kind, {name: value for name, value in given.items() if value is not None})


def _made(inner: Fields, kind: type[T], given: dict[str, Any]) -> T:
    """A struct of what was given; no other field may be there, and none that it needs be absent."""
    inner.finish()
    names = dict(zip(kind.__struct_fields__, kind.__struct_encode_fields__, strict=True))
    sent = {names[name]: value for name, value in given.items()}
    tag = kind.__struct_config__.tag
    if tag is not None:
        sent["type"] = tag
    try:
        return msgspec.convert(sent, kind, strict=False)
    except msgspec.ValidationError as error:
        inner.refuse("", f"cannot be read: {_in_words(str(error), names)}")


def _in_words(message: str, names: dict[str, str]) -> str:
    """msgspec's own words, with the names that files have."""
    text = message.replace("Object missing required field", "it lacks").replace(" - at `$`", "")
    for name, sent in names.items():
        text = text.replace(f"`{sent}`", name).replace(f"$.{sent}", name)
    return text
