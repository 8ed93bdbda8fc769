"""What is created is described by a file or by options, never by a mixture of both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from jupyter_aml.grammar.language import Call
from jupyter_aml.model.errors import Invalid

Spec = TypeVar("Spec")
Read = Callable[[str, Mapping[str, Any]], tuple[Spec, Sequence[str]]]


def of_file(
    call: Call,
    read: Read[Spec],
    described: Mapping[str, Any],
    *,
    example: str,
    keys: Sequence[str] = ("name",),
) -> Spec:
    """What ``--file`` describes, with ``--set`` and the options `keys` over it.

    Its warnings are shown. Raise `Invalid` if there are other options, `described`, too;
    `example` is how one of them would be set instead.
    """
    if described:
        option = flag(next(iter(described)))
        raise Invalid(
            f"{option} and --file cannot be given together.",
            target=option,
            hint=f"Change a field of the file by --set, as in --set {example}.",
        )
    settings = {**dict(call["set"]), **{key: call[key] for key in keys if call[key]}}
    found, warnings = read(call["file"], settings)
    for warning in warnings:
        call.surface.note(f"Note: {warning}")
    return found


def check_described(call: Call, noun: str, usage: str) -> None:
    """Raise `Invalid` unless the options can describe one: it has a name, and no ``--set``."""
    if not call["name"]:
        raise Invalid(
            f"The {noun} needs a name.", target="--name", hint=f"Type: {call.command(usage)}"
        )
    if call["set"]:
        raise Invalid("--set changes fields of a file.", target="--set", hint="Add --file FILE.")


def flag(key: str) -> str:
    """How a person writes the option of this name."""
    return "--" + key.replace("_", "-").removesuffix("s" if key == "tags" else "")
