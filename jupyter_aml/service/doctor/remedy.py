"""What is known of the job in words, and ways out made concrete with it."""

from __future__ import annotations

import math
import signal
import string
from collections.abc import Iterator, Mapping

from jupyter_aml.model.diagnosis import CodePlace
from jupyter_aml.model.fix import Fix
from jupyter_aml.model.job import CellJob
from jupyter_aml.model.names import LOCAL
from jupyter_aml.model.packages import package_of
from jupyter_aml.service.doctor.headless import HEADLESS
from jupyter_aml.service.doctor.nearest import nearest
from jupyter_aml.service.doctor.rule import Match, Way
from jupyter_aml.service.doctor.symptoms import Offer, Symptoms

_GB = 1e9
_KERNEL = "kernel"
_TIMES = 2
"""How much longer a timeout, and how much more memory, is proposed."""

_NEARLY = 0.7
"""A program that ran out of memory by itself had this much of it at least."""

_EXPLAINED = {
    4: "it uses instructions that this machine's processor lacks",
    6: "it gave up by itself",
    7: "memory that it had mapped was gone, often a file that got shorter or a full /dev/shm",
    8: "it divided by zero or met an invalid number",
    11: "it used memory that is not its own",
}

_BYTES = {
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
    "TiB": 2**40,
    "Kb": 2**10,  # R's words for the same
    "Mb": 2**20,
    "Gb": 2**30,
    "Tb": 2**40,
}

_OPTIONS = {
    # name: (in a cell's line, in a job file)
    "compute": ("--compute {}", "--set compute={}"),
    "timeout": ("--timeout {}s", "--set limits.timeout={}"),
    "retries": ("--retries {}", "--set retries={}"),
    "env": ("--env {}", "--set environment_variables.{}"),
}


def facts(symptoms: Symptoms, match: Match, where: CodePlace | None) -> dict[str, str]:
    """Everything that a rule's texts may name; what is not known is not in it."""
    known: dict[str, str] = dict(_of_job(symptoms))
    known |= match.found
    known |= _derived(symptoms, known, where)
    if where is not None and not where.file:
        known["line"] = str(where.line)
    known |= _offers(symptoms, known)
    return known


def first_known(texts: tuple[str, ...], known: Mapping[str, str]) -> str:
    """The first text whose names are all known, filled in; "" if there is none."""
    for text in filter(None, texts):
        filled = fill(text, known)
        if filled is not None:
            return filled
    return ""


def fill(text: str, known: Mapping[str, str]) -> str | None:
    names = [name for _, name, _, _ in string.Formatter().parse(text) if name]
    return text.format_map(known) if all(name in known for name in names) else None


def fixes(
    ways: tuple[Way, ...], symptoms: Symptoms, known: Mapping[str, str], *, most: int = 3
) -> list[Fix]:
    """The ways that can be gone here, the rule's first one first."""
    found: list[Fix] = []
    for way in ways:
        if not _fits(way.where, symptoms):
            continue
        label, value = fill(way.label, known), fill(way.value, known)
        if label is None or value is None:
            continue
        price = known.get(way.price, "")
        found.append(
            Fix(
                label=label,
                kind=way.kind,  # type: ignore[arg-type]  # the table is checked by a test
                value=_options(value, symptoms) if way.kind == "edit" else value,
                restarts_at=way.restarts_at,
                price_per_hour=float(price) if price else None,
            )
        )
    return found[:most]


def _fits(where: str, symptoms: Symptoms) -> bool:
    spec = symptoms.job.spec
    is_kernel = spec.environment == _KERNEL
    kind = "cell" if symptoms.is_cell else "command"
    return where in {
        "",
        kind,
        f"kernel-{kind}" if is_kernel else "built",
        "elsewhere" if symptoms.is_cell and spec.compute != LOCAL else "",
    }


def _options(value: str, symptoms: Symptoms) -> str:
    """``compute=big timeout=60`` as options of the ``%%aml`` line, or of ``job create``."""
    form = 0 if symptoms.is_cell else 1
    parts = (part.partition("=") for part in value.split())
    return " ".join(_OPTIONS[name][form].format(new) for name, _, new in parts)


# -- facts ----------------------------------------------------------------------------------


def _of_job(symptoms: Symptoms) -> Iterator[tuple[str, str]]:
    job = symptoms.job
    spec = job.spec
    yield "job", job.name
    yield "thing", "cell" if symptoms.is_cell else "job"
    yield "compute", spec.compute
    yield "place", "this machine" if spec.compute == LOCAL else spec.compute
    yield "environment", spec.environment
    if spec.python:
        yield "python", spec.python
    else:
        yield "any_python", "python"
    if symptoms.memory_limit_bytes:
        yield "memory", f"{symptoms.memory_limit_bytes / _GB:.1f} GB"
        peak = job.receipt.peak_memory_bytes if job.receipt else 0
        if peak > symptoms.memory_limit_bytes * _NEARLY:
            yield "peak", f"{peak / _GB:.1f}"
        yield "memory_wanted", str(math.ceil(symptoms.memory_limit_bytes / _GB * _TIMES))
    if spec.timeout is not None:
        yield "timeout", _duration(spec.timeout)
        yield "longer", _duration(spec.timeout * _TIMES)
        yield "longer_seconds", f"{spec.timeout * _TIMES:g}"
    if symptoms.signal is not None:
        yield "signal_name", _signal_name(symptoms.signal)
        if symptoms.signal in _EXPLAINED:
            yield "explained", _EXPLAINED[symptoms.signal]


def _derived(
    symptoms: Symptoms, known: Mapping[str, str], where: CodePlace | None
) -> Iterator[tuple[str, str]]:
    """What follows from what the patterns found."""
    if "module" in known:
        module, line = known["module"], where.text if where is not None else ""
        package = package_of(module, line)
        yield "package", package
        if package.replace("-", "_") != module.partition(".")[0].lower():
            yield "other", package
    if known.get("library") in HEADLESS:
        yield "headless", HEADLESS[known["library"]]
    path = known.get("path", "")
    if path[1:4] == ":\\\\":  # Python prints the backslashes of Windows twice
        path = path.replace("\\\\", "\\")
    typed, path = path, _from_root(path, symptoms.roots)
    if path:
        yield "path", path
        yield from _near(symptoms, typed, path)
    if path.startswith(("/", "~", "\\\\")) or path[1:3] == ":\\":
        yield "absolute", path
    elif path:
        yield "start", _start(symptoms)
        if path.endswith((".sh", ".py", ".bin", ".run")):
            yield "script", path


def _near(symptoms: Symptoms, typed: str, path: str) -> Iterator[tuple[str, str]]:
    """What is there instead, and what stands for it in the cell if it stands there as it is."""
    found = nearest(path, symptoms.files)
    if found:
        yield "nearest", found
        spec = symptoms.job.spec
        for one in (typed, path):
            if isinstance(spec, CellJob) and (
                f"'{one}'" in spec.source or f'"{one}"' in spec.source
            ):
                yield "typed", one
                return


def _from_root(path: str, roots: tuple[str, ...]) -> str:
    """A path below the code folder as the person would write it."""
    for root in roots:
        if path.startswith(root.rstrip("/") + "/"):
            return path[len(root.rstrip("/")) + 1 :]
    return path


def _start(symptoms: Symptoms) -> str:
    spec = symptoms.job.spec
    if symptoms.is_cell and spec.code is None:
        return "the notebook's folder"
    if spec.code is not None:
        return "the job's copy of the code folder"
    return "the job's own empty folder"


def _offers(symptoms: Symptoms, known: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Other computes that would serve: with more memory, with a GPU, that stay."""
    job = symptoms.job
    others = [offer for offer in symptoms.offers if offer.name != job.spec.compute]
    needed = max(
        symptoms.memory_limit_bytes / _GB * 1.2,
        _gigabytes(known.get("wanted", "")) * 1.2,
        (job.receipt.peak_memory_bytes / _GB * 1.2) if job.receipt else 0.0,
    )
    if symptoms.memory_limit_bytes:
        yield from _named("bigger", [o for o in others if o.memory_gb >= needed])
    yield from _named("with_gpu", [offer for offer in others if offer.gpus])
    yield from _named("dedicated", [o for o in others if o.memory_gb >= needed / 1.2])


def _named(name: str, offers: list[Offer]) -> Iterator[tuple[str, str]]:
    """The cheapest of `offers`, the smallest of those."""
    if not offers:
        return
    best = min(offers, key=lambda offer: (offer.price_per_hour or 0.0, offer.memory_gb))
    yield name, best.name
    yield f"{name}_memory", f"{best.memory_gb:g} GB"
    if best.price_per_hour:
        yield f"{name}_price", str(best.price_per_hour)


def _gigabytes(words: str) -> float:
    """``298. GiB`` as a number; 0 for what is none."""
    number, _, unit = words.partition(" ")
    scale = _BYTES.get(unit, 0)
    try:
        return float(number) * scale / _GB
    except ValueError:
        return 0.0


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:g} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    words = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""]
    words.append(f"{rest} s" if rest else "")
    return " ".join(filter(None, words))


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
