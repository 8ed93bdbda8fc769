"""What a fake job does: steps from a command line of a few words, or from a cell.

Commands are ``echo TEXT``, ``echo TEXT >&2``, ``echo TEXT > FILE``, ``cat FILE``, ``sleep N``,
``exit CODE`` and ``python -c "import jupyter_aml as aml; aml.log('NAME', NUMBER)"``, joined by
``;`` or ``&&``: real shell lines, so that one suite runs on real and on fake backends alike.
A cell is executed in this process with its output captured.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from jupyter_aml.model.job import CellJob, CommandJob, JobSpec, KernelJob, NotebookJob
from jupyter_aml.model.notebook import code_cells, read, source
from jupyter_aml.service.backends.local.jobs import expressions

_LOG = re.compile(r"import jupyter_aml as aml; aml\.log\('([^']+)', (-?[\d.]+)\)")


@dataclass(frozen=True)
class Say:
    """An event: its kind and fields."""

    kind: str
    fields: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Sleep:
    seconds: float


@dataclass(frozen=True)
class Write:
    """A file, relative to the job's own folder."""

    path: str
    text: str


@dataclass(frozen=True)
class Show:
    """What a file holds goes to stdout; one that is not there ends the job."""

    path: str


@dataclass(frozen=True)
class Exit:
    """The end, with the process's exit code; `ename` when a cell raised."""

    code: int
    ename: str = ""
    evalue: str = ""


Step = Say | Sleep | Write | Show | Exit


def steps(spec: JobSpec, values: Mapping[str, str]) -> Iterator[Step]:
    """Every step of the job, an `Exit` last. `values` are those of its expressions."""
    if isinstance(spec, CellJob):
        yield from _cell(spec.source)
        return
    if isinstance(spec, NotebookJob):
        yield from _cell("\n".join(map(source, code_cells(read(spec.content)))))
        return
    if isinstance(spec, KernelJob):
        yield Exit(0)  # a fake has no kernel: it ends at once
        return
    assert isinstance(spec, CommandJob)
    for part in _parts(expressions.resolve(spec.command, values)):
        step = _command(part)
        yield step
        if isinstance(step, Exit):
            return
    yield Exit(0)


def _parts(line: str) -> Iterator[list[str]]:
    """The words of each command of the line; a ``;`` in quotes is none between commands."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";&")
    lexer.whitespace_split = True
    words: list[str] = []
    for word in lexer:
        if word in (";", "&&"):
            yield words
            words = []
        else:
            words.append(word)
    yield words


def _command(words: list[str]) -> Step:
    match words:
        case ["echo", *rest, ">", "&", "2"]:
            return Say("stderr", {"text": " ".join(rest) + "\n"})
        case ["echo", *rest, ">", path]:
            return Write(path, " ".join(rest) + "\n")
        case ["echo", *rest]:
            return Say("stdout", {"text": " ".join(rest) + "\n"})
        case ["cat", path]:
            return Show(path)
        case ["sleep", seconds]:
            return Sleep(float(seconds))
        case ["exit", code]:
            return Exit(int(code))
        case ["python", "-c", code] if found := _LOG.fullmatch(code):
            return Say("metric", {"name": found[1], "value": float(found[2])})
        case _:
            return Say("stderr", {"text": f"sh: {' '.join(words)}: not found\n"})


def _cell(source: str) -> Iterator[Step]:
    output = io.StringIO()
    raised: BaseException | None = None
    with contextlib.redirect_stdout(output):
        try:
            exec(compile(source, "<cell>", "exec"), {"__name__": "__main__"})
        except Exception as error:  # the cell's own, whatever it is
            raised = error
    if output.getvalue():
        yield Say("stdout", {"text": output.getvalue()})
    if raised is None:
        yield Exit(0)
        return
    ename, evalue = type(raised).__name__, str(raised)
    lines = traceback.format_exception(raised)
    yield Say("error", {"ename": ename, "evalue": evalue, "traceback": lines})
    yield Exit(1, ename, evalue)
