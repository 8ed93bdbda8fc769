"""Why a scoring process did not become ready, with the line of the user's code."""

from __future__ import annotations

import linecache
import os
import re
import traceback
from dataclasses import dataclass, field
from types import TracebackType

_PRINTED_LINES = 60


@dataclass(frozen=True)
class Failure:
    """As it stands in state.json."""

    stage: str
    code: str
    message: str
    file: str = ""
    line: int = 0
    text: str = ""
    traceback: list[str] = field(default_factory=list[str])


class NotReady(Exception):
    """Loading ended; `failure` says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


def of(error: BaseException, *, stage: str, code: str, code_dir: str) -> Failure:
    """What an exception of the user's code is told as."""
    file, line, text = user_line(error, code_dir)
    return Failure(
        stage=stage,
        code="PackageMissing" if isinstance(error, ModuleNotFoundError) else code,
        message=_message(error),
        file=file,
        line=line,
        text=text,
        traceback=user_traceback(error),
    )


def printed(console: str, *, message: str, code_dir: str) -> Failure:
    """What a server that is not ours has printed about the script, the user's line found in it."""
    lines = console.splitlines()[-_PRINTED_LINES:]
    root = re.escape(os.path.join(code_dir, ""))
    pattern = re.compile(rf'File "({root}[^"]+)", line (\d+)')
    found = [match for line in lines if (match := pattern.search(line))]
    file, line = (found[-1][1], int(found[-1][2])) if found else ("", 0)
    return Failure(
        stage="engine",
        code="UserScriptInitFailed",
        message=message,
        file=file,
        line=line,
        text=linecache.getline(file, line).strip(),
        traceback=lines,
    )


def user_line(error: BaseException, code_dir: str) -> tuple[str, int, str]:
    """File, number and text of the innermost line below `code_dir`; empty if there is none."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        return error.filename, error.lineno, (error.text or "").strip()
    found = "", 0
    root = os.path.realpath(code_dir) + os.sep
    step: TracebackType | None = error.__traceback__
    while step is not None:
        name = step.tb_frame.f_code.co_filename
        if os.path.realpath(name).startswith(root):
            found = name, step.tb_lineno
        step = step.tb_next
    file, line = found
    return file, line, linecache.getline(file, line).strip()


def user_traceback(error: BaseException) -> list[str]:
    """The lines of the traceback, less the frames of our own that come first."""
    ours = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    step = error.__traceback__
    while step is not None and _is_between(step.tb_frame.f_code.co_filename, ours):
        step = step.tb_next
    lines = traceback.format_exception(type(error), error, step or error.__traceback__)
    return "".join(lines).splitlines()


def _is_between(filename: str, ours: str) -> bool:
    return filename.startswith((ours, "<frozen importlib"))


def _message(error: BaseException) -> str:
    said = traceback.format_exception_only(type(error), error)[-1].strip()
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = error.name.partition(".")[0]
        return f"The environment of this deployment has no package {package!r}. ({said})"
    return said
