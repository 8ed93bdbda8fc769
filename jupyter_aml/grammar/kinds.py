"""Kinds of values that options take, each with how it is read and how help names it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any

import msgspec

from jupyter_aml.model.endpoint import ENDPOINT_NAME as ENDPOINT
from jupyter_aml.model.names import ASSET, SESSION, VARIABLE


class Kind(msgspec.Struct, frozen=True):
    """How one value is read. ``read`` raises ValueError with a sentence for the user."""

    metavar: str
    read: Callable[[str], Any]
    choices: tuple[str, ...] = ()
    is_pair: bool = False
    """Of the form ``key=value``: several may follow one flag, as in ``az ml --set a=1 b=2``."""

    @classmethod
    def choice(cls, *choices: str) -> Kind:
        def read(text: str) -> str:
            if text not in choices:
                raise ValueError(f"{text!r} is none of {', '.join(choices)}.")
            return text

        return cls("|".join(choices), read, choices)

    @classmethod
    def integer(cls, metavar: str, least: int, most: int) -> Kind:
        def read(text: str) -> int:
            if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
                raise ValueError(f"{text!r} is not a whole number.")
            return within(int(text), least, most)

        return cls(metavar, read)

    @classmethod
    def name(cls, metavar: str, pattern: str, rule: str) -> Kind:
        def read(text: str) -> str:
            if not re.match(pattern, text):
                raise ValueError(f"{text!r} is not a name here: {rule}.")
            return text

        return cls(metavar, read)


def within(value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        raise ValueError(f"{value} is not between {least} and {most}.")
    return value


# -- durations ----------------------------------------------------------------------------

_UNITS = {"d": 86_400, "h": 3600, "m": 60, "min": 60, "s": 1, "sec": 1}
_PART = re.compile(r"(\d+(?:\.\d+)?)(d|h|min|m|sec|s)", re.IGNORECASE)
_ISO = re.compile(
    r"P(?:(?P<d>\d+)D)?(?:T(?=\d)(?:(?P<h>\d+)H)?(?:(?P<m>\d+)M)?(?:(?P<s>\d+(?:\.\d+)?)S)?)?",
    re.IGNORECASE,
)
_LONGEST = 3650 * 86_400


def read_duration(text: str) -> float:
    """Seconds of ``10m``, ``1h30m``, ``PT10M`` (ISO 8601) or ``90`` (seconds)."""
    seconds = _seconds(text.strip())
    if seconds is None or not math.isfinite(seconds):
        raise ValueError(f"{text!r} is not a duration. Write 90, 10m, 1h30m or PT10M.")
    if seconds > _LONGEST:
        raise ValueError(f"{text!r} is longer than ten years.")
    return seconds


def _seconds(text: str) -> float | None:
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return float(text)
    if re.fullmatch(rf"({_PART.pattern})+", text, re.IGNORECASE):
        return sum(float(n) * _UNITS[unit.lower()] for n, unit in _PART.findall(text))
    if (iso := _ISO.fullmatch(text)) and any(iso.groups()):
        return sum(float(n) * _UNITS[unit] for unit, n in iso.groupdict().items() if n)
    return None


def _read_timeout(text: str) -> float:
    seconds = read_duration(text)
    if seconds <= 0:
        raise ValueError("it must be longer than nothing.")
    return seconds


def whole_seconds(least: int, most: int) -> Kind:
    """A duration that is kept as whole seconds."""
    return Kind("DURATION", lambda text: within(round(read_duration(text)), least, most))


def whole_minutes(least: int, most: int) -> Kind:
    """A duration that is kept as whole minutes; a bare number counts minutes, as Azure's does."""

    def read(text: str) -> int:
        if text.isascii() and text.isdigit():
            return within(int(text[:18]), least, most)
        return within(math.ceil(read_duration(text) / 60), least, most)

    return Kind("MINUTES", read)


# -- pairs and lists ------------------------------------------------------------------------


def read_pair(text: str) -> tuple[str, str]:
    """``key=value``; the value may be empty and may hold further equal signs."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise ValueError(f"{text!r} is not of the form key=value.")
    return key.strip(), value


def _read_setting(text: str) -> tuple[str, Any]:
    """``a.b=value``, the value read as JSON where it is JSON, else as text."""
    path, value = read_pair(text)
    if not all(path.split(".")):
        raise ValueError(f"{path!r} has an empty part between its dots.")
    try:
        return path, json.loads(value, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return path, value


def _read_parameter(text: str) -> tuple[str, Any]:
    """``name=value``, the value read as JSON or as Python writes it, else as text."""
    name, value = read_pair(text)
    if not name.isidentifier():
        raise ValueError(f"{name!r} is not the name of a variable.")
    written = {"True": True, "False": False, "None": None}
    if value in written:
        return name, written[value]
    try:
        return name, json.loads(value, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return name, value


def _no_constant(name: str) -> Any:
    raise ValueError(name)  # NaN and Infinity are no JSON: they stay text


def _read_data(text: str) -> tuple[str, str]:
    """``name=azureml:digits:1``, or a path."""
    name, where = read_pair(text)
    if not name.isidentifier():
        raise ValueError(f"{name!r} is not the name of a variable.")
    if not where:
        raise ValueError(f"{text!r} names no data: write {name}=azureml:NAME:VERSION or a path.")
    return name, where


def _read_variables(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if not name.isidentifier():
            raise ValueError(f"{name!r} is not the name of a variable.")
    if not names:
        raise ValueError("it names no variable.")
    return names


def _read_environment_variable(text: str) -> tuple[str, str | None]:
    name, equals, value = text.partition("=")
    if not re.match(VARIABLE, name):
        raise ValueError(f"{name!r} is not the name of an environment variable.")
    return name, value if equals else None


TEXT = Kind("TEXT", str)
NAME = Kind("NAME", str)
FILE = Kind("FILE", str)
FOLDER = Kind("FOLDER", str)
TIMEOUT = Kind("DURATION", _read_timeout)
PAIR = Kind("KEY=VALUE", read_pair, is_pair=True)
SETTING = Kind("PATH=VALUE", _read_setting, is_pair=True)
PARAMETER = Kind("NAME=VALUE", _read_parameter, is_pair=True)
DATA = Kind("NAME=REFERENCE", _read_data, is_pair=True)
VARIABLES = Kind("NAMES", _read_variables)
ENVIRONMENT_VARIABLE = Kind("NAME[=VALUE]", _read_environment_variable)
JOB_NAME = Kind.name("NAME", ASSET, "1 to 255 letters, digits, - and _, first a letter or digit")
ENDPOINT_NAME = Kind.name(
    "NAME", ENDPOINT, "3 to 32 letters, digits and single -, first a letter, last no -"
)
SESSION_NAME = Kind.name(
    "NAME", SESSION, "1 to 64 letters, digits, - and _, first a letter or digit"
)
