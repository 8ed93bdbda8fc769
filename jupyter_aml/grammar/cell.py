"""``%%aml``: the options of a cell that runs as a job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from jupyter_aml.grammar import options
from jupyter_aml.grammar.kinds import (
    DATA,
    ENVIRONMENT_VARIABLE,
    JOB_NAME,
    NAME,
    SESSION_NAME,
    TIMEOUT,
    VARIABLES,
    Kind,
)
from jupyter_aml.grammar.language import Option
from jupyter_aml.grammar.reader import Reader
from jupyter_aml.grammar.usage import option_lines
from jupyter_aml.grammar.words import split
from jupyter_aml.model.errors import Invalid

USAGE = "%%aml [-c COMPUTE] [-o NAMES | --no-out] [OPTIONS]"


_PAIRS = ("env", "data", "tags")


class CellOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What the line of a cell says. What it does not say is None (or False, or empty)."""

    compute: str | None = None
    environment: str | None = None
    inputs: list[str] | None = None
    """Names to take along; None is every name that the cell needs."""
    outputs: list[str] | None = None
    """Names to bring back; None is every name that the cell assigns."""
    no_out: bool = False
    data: dict[str, str] = {}
    """Variable of the cell to the data whose path it holds."""
    nodes: int | None = None
    session: str | None = None
    env: dict[str, str | None] = {}
    """Environment variables of the job; None takes the kernel's own value."""
    detach: bool = False
    name: str | None = None
    experiment_name: str | None = None
    timeout: float | None = None
    """Seconds."""
    retries: int | None = None
    tags: dict[str, str] = {}
    check: bool = False
    """Only say what it would cost, take along and meet."""
    help: bool = False


CELL_OPTIONS = (
    options.compute(
        "Where to run. By default the notebook's compute, else the preferred one, else local."
    ),
    Option(
        flags=("--environment", "-e"),
        kind=NAME,
        help="The environment; by default `kernel`, this notebook's own interpreter.",
        completes="environment",
    ),
    Option(
        flags=("--inputs", "-i"),
        kind=VARIABLES,
        repeat=True,
        help="Variables to take along: a,b. By default all that the cell reads.",
        completes="variable",
    ),
    Option(
        flags=("--outputs", "-o"),
        kind=VARIABLES,
        repeat=True,
        help="Variables to bring back: a,b. By default all that the cell assigns.",
        completes="variable",
    ),
    Option(
        flags=("--data",),
        kind=DATA,
        repeat=True,
        help="Data for the cell: digits=azureml:digits:1 gives it a variable digits that holds "
        "the path. A path of this machine does as well.",
    ),
    Option(flags=("--no-out",), kind=None, help="Bring no variable back."),
    Option(
        flags=("--nodes", "-n"),
        kind=Kind.integer("COUNT", 1, 100),
        help="How many nodes run the cell; all start together or none does.",
    ),
    Option(
        flags=("--session", "-s"),
        kind=SESSION_NAME,
        help="Keep the process under this name: state stays between cells.",
        completes="session",
    ),
    Option(
        flags=("--env",),
        kind=ENVIRONMENT_VARIABLE,
        repeat=True,
        help="Take this environment variable along, or set it. Others are not taken.",
        completes="variable of the environment",
    ),
    Option(flags=("--detach", "-d"), kind=None, help="Return a job object at once."),
    Option(flags=("--name",), kind=JOB_NAME, help="The job's name; by default one is made up."),
    Option(
        flags=("--experiment-name",),
        help="What the job is listed under.",
        completes="experiment",
    ),
    Option(
        flags=("--timeout",),
        kind=TIMEOUT,
        help="Cancel the job after this long: 90 (seconds), 10m, 1h30m, PT10M.",
    ),
    Option(
        flags=("--retries",),
        kind=Kind.integer("COUNT", 0, 100),
        help="How often it may start again when its node is lost.",
    ),
    options.TAGS,
    Option(
        flags=("--check",),
        kind=None,
        help="Only show what it would cost, take along and meet. Nothing is sent.",
    ),
    Option(flags=("--help", "-h"), kind=None, help="Show this help."),
)


def parse_cell(line: str, namespace: Mapping[str, Any] | None = None) -> CellOptions:
    """The options on the line of a cell, after ``%%aml``. Raises `Invalid`, and nothing else."""
    values = Reader(CELL_OPTIONS, USAGE).read(split(line, namespace))
    for name in ("inputs", "outputs"):
        lists: list[list[str]] = values[name]
        # Each name once, in the order given.
        values[name] = list(dict.fromkeys(n for names in lists for n in names)) or None
    if values["no_out"] and values["outputs"]:
        raise Invalid(
            "--no-out and --outputs cannot be given together.",
            target="--no-out",
            hint=f"Usage: {USAGE}",
        )
    return CellOptions(**{**values, **{name: dict(values[name]) for name in _PAIRS}})


def cell_help() -> str:
    """The help of ``%%aml``."""
    lines = [
        f"Usage: {USAGE}",
        "",
        "Run this cell as a job. Its output appears here, the variables it assigns come back.",
        "",
        "Options:",
        *option_lines(CELL_OPTIONS),
        "",
        "Examples:",
        "  %%aml -c cpu-cluster",
        "  %%aml -c cpu-cluster -n 2 --timeout 10m --no-out",
        "  %%aml --session work",
    ]
    return "\n".join(lines)
