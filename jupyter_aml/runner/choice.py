"""How a task's process should be made: decided from the task alone."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from functools import lru_cache

from . import environment
from .crew import Settings
from .wire import Message

_IMPORT = re.compile(r"^[ \t]*(?:import|from)[ \t]+([A-Za-z_][\w.]*)", re.MULTILINE)


@dataclass(frozen=True)
class Need:
    """What a task asks of its process."""

    python: str
    program: bool
    """Another program takes the process over: a shell, or an ordinary interpreter."""
    preloaded: bool
    """It may run in a process that has packages loaded already."""
    modules: frozenset[str]
    """What it is known to import."""


def need(task: Message, settings: Settings) -> Need:
    python = task.get("python") or sys.executable
    if task["kind"] == "command":
        return Need(python, program=True, preloaded=False, modules=frozenset())
    asked = task.get("env", {})
    threads = task.get("threads") or settings.threads
    gpus = settings.gpus if task.get("gpus") is None else task["gpus"]
    own = bool(gpus) or environment.needs_own_interpreter(asked)
    bare = own or bool(task.get("processes")) or environment.needs_fresh_imports(asked, threads)
    return Need(
        python,
        program=own or not is_ours(python),
        preloaded=not bare,
        modules=frozenset(modules(task)),
    )


def modules(task: Message) -> set[str]:
    """Modules that the task says it will import, or that its code can be seen to import."""
    text = "\n".join([task.get("source", ""), *task.get("imports", ())])
    return {*task.get("preload", ()), *_IMPORT.findall(text)}


@lru_cache(maxsize=64)
def is_ours(python: str) -> bool:
    """Whether `python` is this interpreter in this environment; a venv links to the same file."""
    if python == sys.executable:
        return True
    same_folder = os.path.dirname(os.path.abspath(python)) == os.path.dirname(sys.executable)
    return same_folder and os.path.realpath(python) == os.path.realpath(sys.executable)
