"""``job update``: change what a job is shown by. What it runs never changes."""

from __future__ import annotations

from typing import Any

import msgspec

from jupyter_aml.grammar import options
from jupyter_aml.grammar.kinds import SETTING
from jupyter_aml.grammar.language import Call, Option, Verb
from jupyter_aml.grammar.result import Result
from jupyter_aml.grammar.views import job as view
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.job import JobSpec, UpdateJob

_TEXTS = ("display_name", "description")
_MAPS = ("tags", "properties")


def _update(call: Call) -> Result:
    example = f"job update {call['name']} --display-name TEXT --tag team=blue"
    call.changes(*_TEXTS, *_MAPS, "set", "remove", example=example)
    spec = call.client.jobs.get(call["name"]).spec
    updated = call.client.jobs.update(call["name"], _changed(call, spec))
    return view.shown(updated, call.surface.now())


def _changed(call: Call, spec: JobSpec) -> UpdateJob:
    """What differs from `spec`: `jobs.update` takes maps whole, a person says what changes."""
    fields: dict[str, Any] = {field: getattr(spec, field) for field in (*_TEXTS, *_MAPS)}
    fields |= call.given(*_TEXTS)
    for field in _MAPS:
        fields[field] = fields[field] | dict(call[field])
    for path, value in call["set"]:
        _set(fields, path, value)
    for path in call["remove"]:
        _remove(fields, path)
    new = {field: value for field, value in fields.items() if value != getattr(spec, field)}
    return UpdateJob(**new)


def _set(fields: dict[str, Any], path: str, value: Any) -> None:
    field, key = _place(path, "--set")
    if key:
        fields[field] = {**fields[field], key: _text(value)}
    elif field in _TEXTS:
        fields[field] = _text(value)
    elif isinstance(value, dict):
        whole = msgspec.convert(value, dict[str, Any])
        fields[field] = {name: _text(one) for name, one in whole.items()}
    else:
        raise Invalid(
            f"{field} are keys with values, not {value!r}.",
            target="--set",
            hint=f"One of them: --set {field}.KEY=VALUE",
        )


def _remove(fields: dict[str, Any], path: str) -> None:
    field, key = _place(path, "--remove")
    if not key:
        fields[field] = "" if field in _TEXTS else {}
    elif key in fields[field]:
        fields[field] = {name: one for name, one in fields[field].items() if name != key}
    else:
        there = ", ".join(fields[field])
        raise Invalid(
            f"The job has no {path}.",
            target="--remove",
            hint=f"There are: {there}." if there else "There are none.",
        )


def _place(path: str, option: str) -> tuple[str, str]:
    """The field, and the key in it: a tag's may have dots of its own."""
    field, _, key = path.partition(".")
    if field in _MAPS or (field in _TEXTS and not key):
        return field, key
    raise Invalid(
        f"{path} of a job that was created does not change.",
        target=option,
        hint="What can: display_name, description, tags.KEY, properties.KEY.",
    )


def _text(value: Any) -> str:
    """As it was typed: ``--set`` reads numbers, Azure keeps texts."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


UPDATE = Verb(
    name="update",
    summary="Change the name that it is shown by, its description, tags or properties.",
    details=(
        "Other tags and properties stay as they are. What a job runs never changes: create another."
    ),
    run=_update,
    options=(
        options.name_of("job"),
        Option(flags=("--display-name",), help="The name that it is shown by."),
        Option(flags=("--description",), help="What it is for."),
        options.TAGS,
        options.PROPERTIES,
        Option(
            flags=("--set",),
            kind=SETTING,
            repeat=True,
            help="Any of these as az ml has it: --set tags.team=blue display_name=Best.",
        ),
        Option(
            flags=("--remove",),
            repeat=True,
            help="Take one away: --remove tags.team, --remove description.",
        ),
    ),
    examples=(
        "job update maple_river_7k2m9qx4hd --display-name 'The good one' --tag team=blue",
        "job update maple_river_7k2m9qx4hd --set tags.team=blue --remove tags.draft",
    ),
)
