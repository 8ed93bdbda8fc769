"""What a rehearsal found, as people read it."""

from __future__ import annotations

import json
from typing import Any

from jupyter_aml.grammar import phrases
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.result import Record, Result
from jupyter_aml.model.endpoint import Answer
from jupyter_aml.model.rehearsal import Rehearsal

_MOST = 300
"""Characters of a request or an answer that are shown."""


def outcome(found: Rehearsal, name: str, *notes: str) -> Result:
    """Field by field; it ends with 1 where the deployment would not answer."""
    is_refused = found.answer is not None and not _is_success(found.answer)
    is_good = found.error is None and not is_refused and not _is_too_large(found)
    error = found.error
    fields = [
        ("Outcome", _outcome(found)),
        ("Where", error.target if error else ""),
        ("Fix", error.hint if error else ""),
        ("Traceback", "\n".join(error.details) if error else ""),
        ("Environment", _environment(found)),
        ("Comes up in", _seconds(found.load_seconds)),
        ("Memory", _memory(found)),
        ("Asked", "" if found.request_data is None else _short(found.request_data)),
        ("Answer", _said(found.answer)),
        ("Took", _seconds(found.answer.seconds) if found.answer else ""),
        ("Serves now", _comparison(found)),
        ("Warnings", "\n".join(found.warnings)),
        ("Console", "" if is_good else "\n".join(found.console)),
    ]
    return Result(
        value=found,
        document=document(found),
        parts=[Record(fields=fields, title=f"Rehearsal of {name}")],
        notes=notes,
        exit_code=0 if is_good else 1,
    )


def _is_success(answer: Answer) -> bool:
    return 200 <= answer.status < 300


def _outcome(found: Rehearsal) -> str:
    if found.error is not None:
        return f"Would fail: {found.error.message}"
    if _is_too_large(found):
        return "Would be ended: it uses more memory than its size has"
    if found.answer is None:
        return "Comes up. It was asked nothing: the model has no sample"
    if not _is_success(found.answer):
        return f"Comes up, and refuses the request with {found.answer.status}"
    return "Would answer"


def _environment(found: Rehearsal) -> str:
    seconds = found.environment_seconds
    if seconds is None or found.environment == "kernel":
        return found.environment
    return f"{found.environment}, there in {phrases.duration(seconds)}"


def _memory(found: Rehearsal) -> str:
    if found.memory_bytes is None:
        return ""
    used, limit = phrases.size(found.memory_bytes), found.memory_limit_bytes
    if not limit:
        return used
    how = ", more than" if _is_too_large(found) else " of"
    return f"{used}{how} the {phrases.size(limit)} of its size"


def _is_too_large(found: Rehearsal) -> bool:
    return 0 < found.memory_limit_bytes < (found.memory_bytes or 0)


def _comparison(found: Rehearsal) -> str:
    if not found.serving or found.is_same is None:
        return ""
    if found.is_same:
        return f"{found.serving}, which answers the same"
    return f"{found.serving}, which answers something else: {_said(found.serving_answer)}"


def _said(answer: Answer | None) -> str:
    if answer is None:
        return ""
    value = answer.value
    return _cut(value) if isinstance(value, str) else _short(document(value))


def _short(value: Any) -> str:
    return _cut(json.dumps(value, ensure_ascii=False))


def _cut(text: str) -> str:
    return text[:_MOST] + " …" * (len(text) > _MOST)


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else phrases.duration(seconds)
