"""Rows of past starts: what `service.waiting.past` learns from. They never leave this machine."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple


class StartKey(NamedTuple):
    """What a duration is of. An empty size or environment means that it does not matter."""

    kind: str
    size: str = ""
    environment: str = ""


def add_starts(
    conn: sqlite3.Connection, starts: Iterable[tuple[StartKey, float]], *, keep: int
) -> None:
    """Add durations in seconds, oldest first; of each key only the newest `keep` stay."""
    keys: set[StartKey] = set()
    for key, seconds in starts:
        keys.add(key)
        conn.execute(
            "INSERT INTO starts (kind, size, environment, seconds) VALUES (?, ?, ?, ?)",
            (*key, seconds),
        )
    for key in keys:
        conn.execute(
            "DELETE FROM starts WHERE kind = ?1 AND size = ?2 AND environment = ?3 AND seq <="
            " (SELECT seq FROM starts WHERE kind = ?1 AND size = ?2 AND environment = ?3"
            " ORDER BY seq DESC LIMIT 1 OFFSET ?4)",
            (*key, keep),
        )


def read_starts(conn: sqlite3.Connection, keep: int) -> dict[StartKey, list[float]]:
    """Every key's durations, oldest first, the newest `keep` of each."""
    found: dict[StartKey, list[float]] = {}
    rows = conn.execute("SELECT kind, size, environment, seconds FROM starts ORDER BY seq")
    for kind, size, environment, seconds in rows:
        found.setdefault(StartKey(kind, size, environment), []).append(seconds)
    return {key: durations[-keep:] for key, durations in found.items()}
