"""Durations of ARM (ISO 8601, ``PT1H30M``) and our seconds."""

from __future__ import annotations

import re

from jupyter_aml.model.errors import Invalid

_FORM = re.compile(
    r"P(?:(?P<days>\d+(?:\.\d+)?)D)?"
    r"(?:T(?:(?P<hours>\d+(?:\.\d+)?)H)?(?:(?P<minutes>\d+(?:\.\d+)?)M)?"
    r"(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
_SECONDS = {"days": 86_400, "hours": 3600, "minutes": 60, "seconds": 1}


def seconds(text: str, target: str) -> float:
    """How long ``PT30M`` is. Raises `Invalid` about `target`; months and years are refused too."""
    found = _FORM.fullmatch(text.upper())
    parts = {name: part for name, part in found.groupdict().items() if part} if found else {}
    if not parts:
        raise Invalid(
            f"{text!r} is no duration.", target=target, hint="Write it as PT30M, PT1H30M or P1D."
        )
    return sum(float(part) * _SECONDS[name] for name, part in parts.items())


def duration(value: float) -> str:
    """``PT1H30M`` for 5400."""
    whole, part = divmod(value, 1)
    minutes, rest = divmod(int(whole), 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{rest + part:.6f}".rstrip("0").rstrip(".")
    words = [f"{hours}H" if hours else "", f"{minutes}M" if minutes else ""]
    return "PT" + "".join(words) + (f"{text}S" if text != "0" or not any(words) else "")
