"""The process that calls ``init()`` once and ``run(mini_batch)`` for each mini-batch.

Orders come as JSON lines on descriptor 0, answers go to what was descriptor 1. The rows of a
mini-batch are written to the file that its order names, before the answer.
"""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import logging
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from types import ModuleType
from typing import Any

MODULE = "entry_module"
"""What Azure's own runner calls the script."""


def main(printed: str = "") -> int:
    """`printed` is the descriptor that the script's prints go to; "" is standard error."""
    answers = os.dup(1)
    os.dup2(int(printed) if printed else 2, 1)
    orders = os.fdopen(os.dup(0), "rb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)  # input() in the script must not take our orders
    settings = json.loads(os.environ["JUPYTER_AML_BATCH"])
    logging.basicConfig(level=settings["logging_level"].upper())
    try:
        run = _load(settings["scoring_script"], settings.get("arguments", ()))
    except BaseException as error:  # whatever init raises, SystemExit too, is why it is not ready
        _say(answers, {"error": f"init() failed: {_short(error)}"})
        return 1
    _say(answers, {"ready": True})
    for line in orders:
        _say(answers, _scored(run, json.loads(line), settings["output_action"]))
    return 0


def _load(script: str, arguments: Sequence[str]) -> Callable[[list[str]], Any]:
    """Import the script and call its ``init``. Without one the model reads tables by itself."""
    sys.argv = [script, *arguments]
    module = _imported(script) if script else _own()
    for name in ("init", "run"):
        if not callable(getattr(module, name, None)):
            raise AttributeError(f"{script} has no function {name}()")
    module.init()
    return module.run


def _imported(script: str) -> ModuleType:
    path = os.path.abspath(script)
    sys.path[:0] = [os.getcwd(), os.path.dirname(path)]
    spec = importlib.util.spec_from_file_location(MODULE, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[MODULE] = module
    spec.loader.exec_module(module)
    return module


def _own() -> ModuleType:
    from . import batch_tables

    return batch_tables


def _scored(run: Callable[[list[str]], Any], order: dict[str, Any], action: str) -> dict[str, Any]:
    try:
        result = run(order["files"])
        rows, count = _rows(result)
        if action == "append_row":
            _write(order["rows"], rows)
    except BaseException as error:  # whatever was raised; the process goes on with the next one
        return {"error": f"run() failed: {_short(error)}"}
    finally:
        _flush()
    return {"count": count}


def _rows(result: Any) -> tuple[Iterable[Any], int]:
    """What is written, and how many elements that is. Raises `TypeError` for what is neither."""
    scored = getattr(result, "scored", None)  # our own tables: many rows for a file
    if scored is not None:
        return result.rows, scored
    if hasattr(result, "to_csv"):  # a DataFrame, or a Series
        text = result.to_csv(header=False, index=False)
        return [text.removesuffix("\n")] if len(result) else [], len(result)
    if hasattr(result, "tolist"):
        result = result.tolist()
    if not isinstance(result, list | tuple):
        raise TypeError(f"run() returned {type(result).__name__}, and not a list or a DataFrame")
    return result, len(result)


def _write(path: str, rows: Iterable[Any]) -> None:
    unfinished = f"{path}.{os.getpid()}"
    with open(unfinished, "w", encoding="utf-8", newline="") as file:
        for row in rows:
            file.write(_line(row) + "\n")
    os.replace(unfinished, path)


def _line(row: Any) -> str:
    """A text as it is; what holds several values as fields of CSV."""
    if isinstance(row, str):
        return row
    if hasattr(row, "tolist"):
        row = row.tolist()
    if isinstance(row, list | tuple):
        text = io.StringIO()
        csv.writer(text, lineterminator="").writerow(row)
        return text.getvalue()
    return json.dumps(row, default=str) if isinstance(row, dict) else str(row)


def _short(error: BaseException) -> str:
    """The traceback without our own frames goes to standard error, its last line to the run."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    traceback.print_exception(type(error), error, trace)
    return "".join(traceback.format_exception_only(type(error), error)).strip()[:500]


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()


def _say(answers: int, answer: dict[str, Any]) -> None:
    os.write(answers, json.dumps(answer).encode() + b"\n")
