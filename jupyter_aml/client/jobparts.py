"""Fields that job files, components and steps of pipelines have in common."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from jupyter_aml.client.jobdata import local_path
from jupyter_aml.client.yamlfile import Fields
from jupyter_aml.model import not_here
from jupyter_aml.model.job import Distribution
from jupyter_aml.model.references import compute_name

_LONGEST = 10 * 365 * 86_400


def read_code(fields: Fields, folder: Path) -> str | None:
    """The code folder, absolute; a snapshot as it is."""
    code = fields.text("code")
    if not code or code.startswith("snapshot:"):
        return code or None
    if "://" in code or code.startswith(("azureml:", "git+", "git@")):
        fields.refuse("code", f"is not on this machine: {code}", "Clone it, and name the folder.")
    path = local_path(code, folder)
    if not path.is_dir():
        what = "is a file" if path.exists() else "does not exist"
        fields.refuse("code", f"names a folder; {path} {what}")
    return str(path)


def read_compute(fields: Fields, key: str = "compute") -> str:
    """The compute's name, of any way that Azure has to write it; "" if absent."""
    text = fields.text(key)
    name = compute_name(text)
    if text and not name:
        fields.refuse(key, f"names no compute: {text!r}")
    return name


def read_distribution(fields: Fields) -> Distribution | None:
    inner = fields.fields("distribution")
    if inner is None:
        return None
    if inner.text("distribution_type"):
        inner.refuse("distribution_type", "is called `type` in a file")
    kind = inner.choice("type", ("pytorch", "tensorflow", "mpi"))
    if not kind:
        inner.refuse("type", "is missing", "It is one of pytorch, tensorflow, mpi.")
    counts: dict[str, int | None] = {}
    if kind == "tensorflow":
        counts["worker_count"] = inner.integer("worker_count", 0, 10_000)
        counts["parameter_server_count"] = inner.integer("parameter_server_count", 0, 10_000)
    else:
        key = "process_count_per_instance"
        counts[key] = inner.integer(key, 1, 64)
    inner.finish()
    given = {key: value for key, value in counts.items() if value is not None}
    return Distribution(type=cast("Any", kind), **given)


def read_instance_count(fields: Fields, warnings: list[str]) -> int | None:
    """``resources.instance_count``; what else stands there is no use here, and is said."""
    inner = fields.fields("resources")
    if inner is None:
        return None
    count = inner.integer("instance_count", 1, 100)
    left_aside(inner, not_here.RESOURCES, warnings)
    inner.finish()
    return count


def read_timeout(fields: Fields) -> float | None:
    """``limits.timeout`` in seconds."""
    inner = fields.fields("limits")
    if inner is None:
        return None
    seconds = inner.number("timeout")
    if seconds is not None and not 0 < seconds < _LONGEST:
        inner.refuse("timeout", f"is a number of seconds above 0, and cannot be {seconds:g}")
    inner.finish()
    return seconds


def left_aside(fields: Fields, sentences: Mapping[str, str], warnings: list[str]) -> None:
    """Take what is not used here, and say so."""
    for key, sentence in sentences.items():
        if fields.take(key):
            warnings.append(f"{sentence}.")
