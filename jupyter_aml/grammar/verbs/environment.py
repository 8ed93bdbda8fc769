"""``environment``: what a job's Python is. There is one yet, ``kernel``."""

from __future__ import annotations

import platform
import sys

from jupyter_aml.grammar.kinds import NAME
from jupyter_aml.grammar.language import Call, Noun, Option, Verb
from jupyter_aml.grammar.result import Column, Record, Result, Table
from jupyter_aml.model.errors import NotFound

KERNEL = "kernel"
_DESCRIPTION = "The interpreter this was asked from: a notebook's own kernel. Nothing to build."


def _list(_call: Call) -> Result:
    columns = [Column(title="Environment"), Column(title="Description", flexible=True)]
    table = Table(columns=columns, rows=[[KERNEL, _DESCRIPTION]])
    return Result(value=[_kernel()], document=[_kernel()], parts=[table])


def _show(call: Call) -> Result:
    if call["name"] != KERNEL:
        raise NotFound(
            f"There is no environment {call['name']!r}.",
            target=call["name"],
            hint=f"Jobs run in {KERNEL!r}: {call.command('environment show kernel')}",
        )
    kernel = _kernel()
    fields = [
        ("Description", _DESCRIPTION),
        ("Python", kernel["python_version"]),
        ("Interpreter", kernel["python"]),
    ]
    return Result(value=kernel, document=kernel, parts=[Record(fields=fields, title=KERNEL)])


def _kernel() -> dict[str, str]:
    return {
        "name": KERNEL,
        "description": _DESCRIPTION,
        "python": sys.executable,
        "python_version": platform.python_version(),
    }


ENVIRONMENT = Noun(
    name="environment",
    summary="What a job's Python is.",
    verbs=(
        Verb(name="list", summary="List environments.", run=_list),
        Verb(
            name="show",
            summary="Show one.",
            run=_show,
            options=(
                Option(
                    flags=("--name", "-n"),
                    kind=NAME,
                    help="Its name.",
                    required=True,
                    positional=True,
                    completes="environment",
                ),
            ),
        ),
    ),
)
