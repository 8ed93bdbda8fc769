"""ISO 8601 durations, as ARM writes them: ``PT120S``, ``PT30M``, ``P3D``."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from jupyter_aml.service.arm.message import refused


def seconds(text: str, path: str) -> int:
    """The duration in whole seconds. Raises `Invalid` with the JSON path of what is wrong."""
    try:
        return int(msgspec.convert(text, timedelta).total_seconds())
    except msgspec.ValidationError:
        raise refused(f"{text!r} is no ISO 8601 duration such as PT30M", path) from None


def of_seconds(number: float) -> str:
    """``PT120S``: the unit in which the SDK writes it too."""
    return f"PT{int(number)}S"


def of_minutes(number: int) -> str:
    """``PT60M``: the SDK reads an instance's idle time in this unit only."""
    return f"PT{number}M"
