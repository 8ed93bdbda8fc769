"""Numbers and names as the side panel writes them (``src/words.ts``)."""

from __future__ import annotations

import re
import time

from jupyter_aml.grammar.phrases import seconds_since_epoch
from jupyter_aml.model.compute import VmSize


def elapsed(seconds: float) -> str:
    """``0:07``, ``14:02``, ``1:04:05``: time that runs."""
    whole = max(0, int(seconds))
    hours, minutes = divmod(whole // 60, 60)
    if hours:
        return f"{hours}:{minutes:02d}:{whole % 60:02d}"
    return f"{minutes}:{whole % 60:02d}"


def money(value: float, digits: int = 2) -> str:
    """``$1.05``; what is not nothing never looks like nothing."""
    least = 10**-digits
    if 0 < value < least / 2:
        return f"<${least:.{digits}f}"
    return f"${value:,.{digits}f}"


def clock(moment: str | None) -> str:
    """``17:34`` in the reader's zone; "" if there is no moment."""
    seconds = seconds_since_epoch(moment)
    return "" if seconds is None else time.strftime("%H:%M", time.localtime(seconds))


def clock_of(seconds: float) -> str:
    """``17:34:05`` in the reader's zone."""
    return time.strftime("%H:%M:%S", time.localtime(seconds))


def size_name(name: str) -> str:
    """A size as lists show it: Azure's prefix says nothing."""
    return name.removeprefix("Standard_")


def size_tag(name: str) -> str:
    """A size in a few letters: its GPU, else its CPUs, else its series."""
    if gpu := re.search(r"_\w+_([A-Z]{1,2}\d{1,3})_v\d", name):
        return gpu[1]
    if cpus := re.match(r"local\.(\d+)cpu", name):
        return f"{cpus[1]} CPU"
    return size_name(name).replace("_", " ")


def gpus(size: VmSize) -> str:
    """``1 × T4``, ``1/6 × A10``; "" without a GPU."""
    if not size.gpus:
        return ""
    count = f"1/{round(1 / size.gpus)}" if size.gpus < 1 else f"{size.gpus:g}"
    return f"{count} × {size.gpu_model or 'GPU'}"
