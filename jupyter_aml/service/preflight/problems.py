"""What would go wrong, each with its fix: refusals told before they are refusals."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

from jupyter_aml.model.environment import KERNEL
from jupyter_aml.model.errors import AmlError
from jupyter_aml.model.fix import Fix
from jupyter_aml.model.packages import package_of
from jupyter_aml.model.preflight import Problem, Ships
from jupyter_aml.service.preflight.source import Source

_COMMAND = re.compile(r"`((?:%aml|jupyter aml|%pip) [^`]+)`")
_PLACEHOLDER = re.compile(r"\b(?:NAME|NAMES|COMPUTE|FILE)\b")
_MB = 1024 * 1024

# The fix of a refusal that a command cannot mend, by what the refusal is about.
_PAGES: dict[str, tuple[str, str, str]] = {
    "QuotaExceeded": ("Choose a smaller size…", "open", "sizes"),
    "BudgetReached": ("Run it on local", "edit", "--compute local"),
    "compute": ("Choose a compute…", "open", "computes"),
    "environment": ("Choose an environment…", "open", "environments"),
    "instance_count": ("Run it on one node", "edit", "--nodes 1"),
}


def refused(error: AmlError) -> Problem:
    """What `jobs.create` would refuse, with the first way out that its hint names."""
    return Problem(
        code=error.code, cause=error.message.rstrip("."), where=error.target, fix=_way_out(error)
    )


def _way_out(error: AmlError) -> Fix | None:
    if error.code == "BudgetReached":
        return _page(error.code)
    if error.code == "NotFound" and error.target == "compute":
        return _page("compute")  # none is created by a click that does not say its price
    for command in _COMMAND.findall(error.hint):
        if not _PLACEHOLDER.search(command) and " list" not in command:
            return Fix(label=f"Run {command}", kind="command", value=command)
    return _page(error.code) or _page(error.target)


def _page(key: str) -> Fix | None:
    if key not in _PAGES:
        return None
    label, kind, value = _PAGES[key]
    return Fix(label=label, kind="edit" if kind == "edit" else "open", value=value)


def syntax(source: Source) -> list[Problem]:
    if not source.error:
        return []
    return [
        Problem(
            code="SyntaxError",
            cause=f"This is not Python yet: {source.error}",
            where=f"line {source.error_line}" if source.error_line else "",
            fix=Fix(label="Go to it", kind="open", value=f"cell:{source.error_line or 1}"),
        )
    ]


def missing(source: Source, names: list[str], environment: str) -> list[Problem]:
    """Modules that the environment lacks, each with the line that imports it."""
    return [
        Problem(
            code="MissingModule",
            cause=f"{name} is not in {environment}",
            where=f"line {source.imports[name]}" if name in source.imports else name,
            fix=_install(name, environment),
        )
        for name in names
    ]


def _install(module: str, environment: str) -> Fix:
    package = package_of(module)
    if environment == KERNEL:
        return Fix(label=f"Install {package}", kind="command", value=f"%pip install {package}")
    return Fix(
        label=f"Add to {environment}…",
        kind="open",
        value=f"environment:{environment}:add={package}",
        restarts_at="environment",
    )


def no_tracking(source: Source, python: str) -> list[Problem]:
    """It imports MLflow, whose server the service (run by `python`) has not to offer."""
    if "mlflow" not in source.imports:
        return []
    return [
        Problem(
            code="NoTrackingServer",
            cause="MLflow is not installed where the service runs: what this logs stays in files "
            "of the job",
            where=f"line {source.imports['mlflow']}",
            severity="warning",
            fix=Fix(
                label="Install it there",
                kind="command",
                value=f"!{shlex.quote(python)} -m pip install mlflow",
            ),
        )
    ]


def too_large(ships: Ships, folder: str) -> list[Problem]:
    """The folder is over the limit: `jobs.create` would refuse it when it takes the snapshot."""
    if ships.bytes <= ships.limit_bytes:
        return []
    biggest = ", ".join(f"{one.path} ({one.bytes / _MB:.0f} MB)" for one in ships.largest[:2])
    more = "" if ships.complete else "at least "
    return [
        Problem(
            code="TooLarge",
            cause=f"The folder is {more}{ships.bytes / _MB:.0f} MB, at most "
            f"{ships.limit_bytes / _MB:.0f} MB travel. Largest: {biggest}",
            where=folder,
            fix=Fix(label="Leave files out…", kind="open", value=f"file:{folder}/.amlignore"),
        )
    ]


def not_built(environment: str, state: str, usual_seconds: float | None) -> list[Problem]:
    """It is no mistake, only a wait; a build that failed is one."""
    if state in ("Failed", "Canceled"):
        return [
            Problem(
                code="EnvironmentFailed",
                cause=f"The last build of {environment} {_HOW[state]}",
                where="environment",
                severity="warning",
                fix=Fix(label="See why…", kind="open", value=f"environment:{environment}"),
            )
        ]
    usually = f", usually {usual_seconds:.0f} s" if usual_seconds else ""
    return [
        Problem(
            code="EnvironmentNotBuilt",
            cause=f"{environment} is built first{usually}; after that it is kept",
            where="environment",
            severity="warning",
            fix=Fix(label="See what it holds…", kind="open", value=f"environment:{environment}"),
        )
    ]


_HOW: Mapping[str, str] = {"Failed": "failed", "Canceled": "was canceled"}
