"""``preferences``: what a user prefers, on every surface."""

from __future__ import annotations

from typing import Any, get_args, get_type_hints

import msgspec

from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.kinds import SETTING
from jupyter_aml.grammar.language import Call, Noun, Option, Verb
from jupyter_aml.grammar.result import Record, Result
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.nearest import nearest
from jupyter_aml.model.preferences import Preferences

FIELDS = Preferences.__struct_fields__
OFF = "off"
"""How a person writes that there is no limit."""
_MAY_BE_OFF = frozenset(
    name for name, hint in get_type_hints(Preferences).items() if type(None) in get_args(hint)
)


def _show(call: Call) -> Result:
    return _shown(call.client.preferences.get())


def _shown(preferences: Preferences) -> Result:
    fields = [(name, _text(getattr(preferences, name))) for name in FIELDS]
    parts = [Record(fields=fields)]
    return Result(value=preferences, document=document(preferences), parts=parts)


def _text(value: Any) -> str:
    if value is None:
        return OFF
    return str(value).lower() if isinstance(value, bool) else str(value)


def _set(call: Call) -> Result:
    changes = dict(call["settings"])
    for name in changes:
        if changes[name] == OFF and name in _MAY_BE_OFF:
            changes[name] = None
        if name not in FIELDS:
            raise Invalid(
                f"There is no preference {name!r}.",
                target=name,
                hint=f"{nearest(name, FIELDS)}Preferences are: {', '.join(FIELDS)}.",
            )
    present = msgspec.structs.asdict(call.client.preferences.get())
    return _shown(call.client.preferences.update(_checked({**present, **changes})))


def _checked(values: dict[str, Any]) -> Preferences:
    wire = {field.name: field.encode_name for field in msgspec.structs.fields(Preferences)}
    try:
        return msgspec.convert({wire[key]: value for key, value in values.items()}, Preferences)
    except msgspec.ValidationError as error:
        raise Invalid(_said(str(error), wire), target="preferences set") from None


def _said(message: str, wire: dict[str, str]) -> str:
    """msgspec's sentence with the name that the person typed."""
    for name, encoded in wire.items():
        message = message.replace(f"$.{encoded}", name)
    return message.replace("`", "") + "."


PREFERENCES = Noun(
    name="preferences",
    summary="What you prefer, on every surface.",
    verbs=(
        Verb(name="show", summary="Show them.", run=_show),
        Verb(
            name="set",
            summary="Change some of them.",
            run=_set,
            options=(
                Option(
                    flags=("--set",),
                    kind=SETTING,
                    key="settings",
                    help="What is to be how: default_compute=cpu-cluster.",
                    required=True,
                    repeat=True,
                    positional=True,
                    completes="preference",
                ),
            ),
            examples=(
                "preferences set default_compute=cpu-cluster",
                "preferences set budget_per_day=20",
                "preferences set budget_per_day=off",
            ),
        ),
    ),
)
