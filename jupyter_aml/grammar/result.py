"""What a verb gives back: the thing itself, its document for scripts, its table for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from jupyter_aml.grammar.layout import render
from jupyter_aml.grammar.parts import Column, Record, Table

__all__ = ["Column", "Record", "Result", "Table"]


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What `run` returns.

    ``value`` is the struct (or list of structs) that the notebook displays by its own reprs;
    ``document`` what ``-o json`` prints, in snake_case builtins; ``parts`` and ``notes`` what a
    terminal shows. ``exit_code`` is what the terminal ends with (`cli.errors`).
    """

    value: Any = None
    document: Any = None
    parts: Sequence[Table | Record] = ()
    notes: Sequence[str] = ()
    exit_code: int = 0

    def __str__(self) -> str:
        return render(self.parts, self.notes)

    def __repr__(self) -> str:
        return str(self)
