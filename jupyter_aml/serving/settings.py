"""Read a part's JSON file into a dataclass; missing names and wrong types are said."""

from __future__ import annotations

import dataclasses
import json
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

T = TypeVar("T")


class ConfigError(Exception):
    """The file cannot be read or does not say what it must; the text is for people."""


def load(path: str) -> Mapping[str, Any]:
    """The JSON object in a file. Raise `ConfigError`."""
    try:
        with open(path, encoding="utf-8") as file:
            read = json.load(file)
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: {error}") from error
    if not isinstance(read, dict):
        raise ConfigError(f"{path}: not a JSON object")
    return typing.cast("dict[str, Any]", read)


def build(kind: type[T], values: Mapping[str, Any], where: str) -> T:
    """The dataclass from a mapping. Raise `ConfigError` that names the field.

    Names that are not known are left alone: a newer service may say more than this part knows.
    """
    hints = typing.get_type_hints(kind)
    wanted = dataclasses.fields(typing.cast("Any", kind))
    given = {field.name: values[field.name] for field in wanted if field.name in values}
    for name, value in given.items():
        if not _fits(hints[name], value):
            raise ConfigError(f"{where}.{name}: {value!r} is not {_said(hints[name])}")
    try:
        return kind(**given)
    except TypeError as error:
        raise ConfigError(f"{where}: {str(error).partition('() ')[2]}") from error


def _fits(hint: Any, value: Any) -> bool:
    """Containers are checked one level deep: what is in them has its own `build`."""
    origin = typing.get_origin(hint)
    if origin is typing.Literal:
        return value in typing.get_args(hint)
    if origin is not None and origin in (dict, Mapping):
        return isinstance(value, dict)
    if origin is list:
        return isinstance(value, list)
    if origin is not None:  # int | None
        return any(_fits(part, value) for part in typing.get_args(hint))
    if hint is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, hint)


def _said(hint: Any) -> str:
    return getattr(hint, "__name__", str(hint)).replace("typing.", "")
