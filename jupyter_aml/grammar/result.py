"""What a verb gives back: the thing itself, its document for scripts, its table for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One column of a table. A ``flexible`` one may be cut where the screen is narrow."""

    title: str
    right: bool = False
    flexible: bool = False
    state: bool = False
    """Its cells are words of a state machine: surfaces may colour them."""


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """Rows for people. ``empty`` is the sentence shown instead of no rows."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    title: str = ""
    empty: str = ""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One thing for people: its fields, top to bottom. Fields without a value are left out."""

    fields: Sequence[tuple[str, str]]
    title: str = ""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What `run` returns.

    ``value`` is the struct (or list of structs) that the notebook displays by its own reprs;
    ``document`` what ``-o json`` prints, in snake_case builtins; ``parts`` and ``notes`` what a
    terminal shows. ``exit_code`` is that of section 11 of the design.
    """

    value: Any = None
    document: Any = None
    parts: Sequence[Table | Record] = ()
    notes: Sequence[str] = ()
    exit_code: int = 0

    def __str__(self) -> str:
        from jupyter_aml.grammar.layout import render

        return render(self)

    def __repr__(self) -> str:
        return str(self)
