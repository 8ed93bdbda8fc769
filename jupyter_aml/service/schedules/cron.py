"""The five fields of a cron line, as sets of numbers."""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_aml.model.errors import Invalid

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_DAYS = "sun mon tue wed thu fri sat".split()
_LONGEST = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True)
class _Field:
    name: str
    low: int
    high: int
    words: tuple[str, ...] = ()


_FIELDS = (
    _Field("minutes", 0, 59),
    _Field("hours", 0, 23),
    _Field("days", 1, 31),
    _Field("months", 1, 12, ("", *_MONTHS)),
    _Field("days of the week", 0, 7, (*_DAYS, "sun")),
)


@dataclass(frozen=True)
class Cron:
    """None where a field is ``*``. Days of the week count from 0, Sunday."""

    minutes: tuple[int, ...] | None
    hours: tuple[int, ...] | None
    days: tuple[int, ...] | None
    months: tuple[int, ...] | None
    week_days: tuple[int, ...] | None


def read(line: str) -> Cron:
    """Raises `Invalid` naming the field that is wrong."""
    texts = line.split()
    if len(texts) != len(_FIELDS):
        raise Invalid(
            f"A cron line has 5 fields, and {line!r} has {len(texts)}.",
            target="trigger.expression",
            hint="minutes hours days months days-of-the-week: '0 6 * * 1-5' is 6:00 on workdays.",
        )
    found = [_field(text, field) for text, field in zip(texts, _FIELDS, strict=True)]
    if found[4] is not None:
        found[4] = tuple(sorted({day % 7 for day in found[4]}))
    elif found[2] and found[3] and min(found[2]) > max(_LONGEST[month] for month in found[3]):
        raise Invalid(
            f"No month of {texts[3]!r} has a day {min(found[2])}: this is never due.",
            target="trigger.expression",
            hint="The fields are minutes, hours, days, months, days of the week.",
        )
    return Cron(*found)


def _field(text: str, field: _Field) -> tuple[int, ...] | None:
    if text in ("*", "?"):
        return None
    return tuple(sorted({number for part in text.split(",") for number in _part(part, field)}))


def _part(part: str, field: _Field) -> range:
    """``*/n``, ``a``, ``a-b``, ``a-b/n``."""
    span, _, step = part.partition("/")
    low, dash, high = span.partition("-")
    try:
        every = int(step) if step else 1
        if span == "*":
            first, last = field.low, field.high
        else:
            first = _number(low, field)
            last = _number(high, field) if dash else field.high if step else first
        if every < 1 or not field.low <= first <= last <= field.high:
            raise ValueError(part)
    except ValueError:
        raise Invalid(
            f"{part!r} is no way to write {field.name}.",
            target="trigger.expression",
            hint=f"Numbers from {field.low} to {field.high}, lists (1,5), ranges (1-5) and steps "
            "(*/15).",
        ) from None
    return range(first, last + 1, every)


def _number(text: str, field: _Field) -> int:
    word = text.lower()[:3]
    return field.words.index(word) if word in field.words and word else int(text)
