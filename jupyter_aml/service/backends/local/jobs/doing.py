"""What a job says of its progress, in words, from a frame that it wrote."""

from __future__ import annotations

from typing import Any

_MOST = 80


def words_of(frame: dict[str, Any]) -> str:
    """``epoch 7 of 20``: the frame's own text, and the numbers where these are whole.

    Called for every progress frame; the frame is the job's, so nothing about it is certain.
    """
    text = str(frame.get("text") or "").strip()[:_MOST]
    value, total = frame.get("value"), frame.get("total")
    is_count = _is_whole(value) and _is_whole(total) and total != 100
    if not is_count or " of " in text:
        return text
    return f"{text} {value:.0f} of {total:.0f}".strip()


def _is_whole(number: object) -> bool:
    return isinstance(number, int | float) and float(number).is_integer()
