"""What a result shows to people: tables, and single things field by field."""

from __future__ import annotations

from collections.abc import Sequence

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
