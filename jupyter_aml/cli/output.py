"""Results on stdout: a table for people, or one document and nothing else for scripts."""

from __future__ import annotations

import os
import shutil
import sys
from typing import Any

import msgspec

from jupyter_aml.cli.typed import typed, typed_document
from jupyter_aml.grammar.layout import render
from jupyter_aml.grammar.result import Result

_RESET = "\x1b[0m"
_BOLD = "\x1b[1m"
_GREEN = "\x1b[32m"
_YELLOW = "\x1b[33m"
_RED = "\x1b[31m"

_COLOURS = {
    **dict.fromkeys(("Running", "running", "Completed", "Steady", "Succeeded", "ok"), _GREEN),
    **dict.fromkeys(
        (
            "Queued",
            "Preparing",
            "NotStarted",
            "Resizing",
            "Starting",
            "Stopping",
            "Building",
            "warn",
        ),
        _YELLOW,
    ),
    **dict.fromkeys(("Failed", "CreateFailed", "Unusable", "unusable", "fail"), _RED),
}


def print_result(result: Result, output: str) -> None:
    """`result` in the form `output` ("table", "json" or "yaml")."""
    if output == "table":
        _print_for_people(result)
        return
    document = typed_document(result.document)
    if output == "json":
        _write(msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n")
    else:
        _write(_yaml(document))


def _yaml(document: Any) -> bytes:
    import yaml

    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, encoding="utf-8")


def _write(content: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def _print_for_people(result: Result) -> None:
    is_terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if is_terminal else 0
    paint = _paint if is_terminal and _colours_wanted() else None
    encoding = sys.stdout.encoding or "utf-8"
    text = render(result.parts, result.notes, width=width, encoding=encoding, paint=paint)
    if text:
        print(typed(text), flush=True)


def _colours_wanted() -> bool:
    """https://no-color.org: any value that is not empty says no."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _paint(text: str, word: str) -> str:
    if word == "title":
        return f"{_BOLD}{text}{_RESET}"
    # "Running 40%" is Running.
    colour = _COLOURS.get(word.partition(" ")[0])
    return f"{colour}{text}{_RESET}" if colour else text
