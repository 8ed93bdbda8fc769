"""Metrics that a job logged with `aml.log`, read from its event log. Blocks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from jupyter_aml.model.registry import Metric
from jupyter_aml.service.joblog.lines import frame_fields, parse_line
from jupyter_aml.service.joblog.raw import RawFile

_MARK = b'"kind":"metric"'


class _Own(msgspec.Struct):
    """A metric that the service itself wrote into the log: one that came through MLflow."""

    name: str = ""
    value: float | None = None
    step: int | None = None


_decode_own = msgspec.json.Decoder(_Own).decode


def logged_metrics(folder: Path) -> list[Metric]:
    """Every metric in the log of the job of `folder`; without a step they count from 0."""
    found: dict[str, Metric] = {}
    for name, step, time, value in _points(folder):
        metric = found.setdefault(name, Metric(name=name, steps=[], times=[], values=[]))
        following = metric.steps[-1] + 1 if metric.steps else 0
        metric.steps.append(following if step is None else step)
        metric.times.append(time)
        metric.values.append(value)
    return list(found.values())


def _points(folder: Path) -> Iterator[tuple[str, int | None, float, float | None]]:
    frames: dict[tuple[int, int], RawFile] = {}
    try:
        with (folder / "events.log").open("rb") as log:
            for raw in log:
                if _MARK in raw and (point := _point(raw, folder, frames)):
                    yield point
    except FileNotFoundError:
        return
    finally:
        for file in frames.values():
            file.close()


def _point(
    raw: bytes, folder: Path, frames: dict[tuple[int, int], RawFile]
) -> tuple[str, int | None, float, float | None] | None:
    try:
        line = parse_line(raw)
        if line.kind != "metric":
            return None
        time = datetime.fromisoformat(line.time.replace("Z", "+00:00")).timestamp()
        if line.n < 0:
            own = _decode_own(raw)
            return own.name, own.step, time, own.value
        key = line.a, line.r
        if key not in frames:
            frames[key] = RawFile(folder / str(line.a) / f"frames.{line.r}")
        told = msgspec.convert(frame_fields(frames[key].read(line.o, line.n)), _Own)
        return told.name, told.step, time, told.value
    except (msgspec.MsgspecError, ValueError):
        return None  # damaged, or dropped to keep the log small
