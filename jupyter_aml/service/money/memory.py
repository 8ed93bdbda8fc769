"""What the guard and the idle timers remember across a restart, `kill -9` included."""

from __future__ import annotations

import logging
import sqlite3
from typing import TypeVar

import msgspec

from jupyter_aml.service.store import rows

log = logging.getLogger(__name__)
T = TypeVar("T", bound=msgspec.Struct)


def recall(conn: sqlite3.Connection, key: str, kind: type[T]) -> T:
    """What was kept under `key`; an empty one if nothing was, or if it does not fit any more."""
    kept = rows.get_value(conn, key)
    try:
        return msgspec.json.decode(kept, type=kind) if kept else kind()
    except msgspec.DecodeError as error:
        log.warning("what is kept as %s does not fit this version: %s", key, error)
        return kind()


def remember(conn: sqlite3.Connection, key: str, value: msgspec.Struct) -> None:
    rows.set_value(conn, key, msgspec.json.encode(value))
