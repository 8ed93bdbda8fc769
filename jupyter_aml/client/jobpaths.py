"""Paths of a job that is made in Python, counted from where the person is.

The service has a folder of its own: what it is sent has to be whole. Job files count theirs from
the file, and are whole already.
"""

from __future__ import annotations

import os
from typing import Any, TypeVar

import msgspec

from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.job import Input, JobSpec
from jupyter_aml.model.references import is_reference

Spec = TypeVar("Spec", bound=JobSpec)

_SNAPSHOT = "snapshot:"


def whole(spec: Spec) -> Spec:
    """`spec` with its code folder and inputs as absolute paths; references stay as they are."""
    changed: dict[str, Any] = {}
    if spec.code and not spec.code.startswith(_SNAPSHOT) and not os.path.isabs(spec.code):
        changed["code"] = _whole(spec.code)
    given: dict[str, Any] = getattr(spec, "inputs", {})
    moved = {
        name: msgspec.structs.replace(one, path=_whole(one.path))
        for name, one in given.items()
        if isinstance(one, Input) and _is_here(one.path)
    }
    if moved:
        changed["inputs"] = {**given, **moved}
    return msgspec.structs.replace(spec, **changed) if changed else spec


def _is_here(path: str) -> bool:
    """Whether it is a path of this machine that does not say from where it counts."""
    if not path or os.path.isabs(path):
        return False
    try:
        return not is_reference(path)
    except Invalid:
        return False  # the service refuses it, by the name of the input


def _whole(path: str) -> str:
    return os.path.abspath(os.path.expanduser(path.removeprefix("file:")))
