"""Numbers and moments as a person reads them. Every surface of text uses these."""

from __future__ import annotations

import math
from datetime import datetime, timezone


def duration(seconds: float) -> str:
    """``17 ms``, ``2.4 s``, ``12 s``, ``3 min``, ``1 h 05 min``, ``2 d 3 h``."""
    if seconds < 0.9995:
        return f"{max(seconds, 0) * 1000:.0f} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes:02d} min"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h"


def usual(low: float | None, high: float | None) -> str:
    """``usually 3 to 5 s``, ``usually 2 min``; empty while nothing is known.

    Rounded outward, so that it is right at least as often as the interval was.
    """
    if low is None or high is None:
        return ""
    unit, name = _unit(high)
    step = 10 ** max(0, math.floor(math.log10(max(high / unit, 1))) - 1)
    least = math.floor(low / unit / step) * step
    most = max(math.ceil(high / unit / step) * step, 1)
    if least == most:
        return f"usually {most} {name}"
    if least == 0:
        return f"usually under {most} {name}"
    return f"usually {least} to {most} {name}"


def _unit(seconds: float) -> tuple[float, str]:
    if seconds < 1:
        return 0.001, "ms"
    if seconds < 120:
        return 1.0, "s"
    return (60.0, "min") if seconds < 5400 else (3600.0, "h")


def money(dollars: float | None) -> str:
    """``$0.19``; below a cent with what it takes to see a figure. Empty for None."""
    if dollars is None:
        return ""
    if dollars >= 0.01 or dollars == 0:
        return f"${dollars:,.2f}"
    return f"${dollars:.4f}" if dollars >= 0.0001 else "under $0.0001"


def rate(dollars: float | None) -> str:
    return f"{money(dollars)}/h" if dollars else ""


def size(count: float) -> str:
    """Bytes: ``512 B``, ``1.5 KB``, ``2.0 GB`` (powers of 1024)."""
    if count < 1024:
        return f"{count:.0f} B"
    for unit in ("KB", "MB", "GB"):
        count /= 1024
        if count < 1000:
            return f"{count:.1f} {unit}"
    return f"{count / 1024:.1f} TB"


def plural(count: int, noun: str) -> str:
    """``1 job``, ``2 jobs``."""
    if count == 1:
        return f"1 {noun}"
    return f"{count} {noun[:-1]}ies" if noun.endswith("y") else f"{count} {noun}s"


def number(value: float) -> str:
    """``2`` rather than ``2.0``; else as few digits as say it."""
    return f"{value:g}"


def seconds_since_epoch(moment: str | None) -> float | None:
    """A RFC 3339 moment as the wire has it; None if there is none (or it is not one)."""
    if not moment:
        return None
    try:
        parsed = datetime.fromisoformat(moment.replace("Z", "+00:00"))
    except ValueError:
        return None
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=timezone.utc)).timestamp()


def ago(moment: str | None, now: float) -> str:
    """``12 s ago``; empty if there is no moment."""
    then = seconds_since_epoch(moment)
    return "" if then is None else f"{duration(now - then)} ago"


def local_time(moment: str | None) -> str:
    """A moment in the person's own time zone, to the second."""
    then = seconds_since_epoch(moment)
    if then is None:
        return ""
    return datetime.fromtimestamp(then).astimezone().strftime("%Y-%m-%d %H:%M:%S")
