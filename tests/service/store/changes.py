"""Small changes to write."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from jupyter_aml.service.store import rows
from jupyter_aml.service.store.db import Store


def put(key: str, value: bytes = b"1") -> Callable[[sqlite3.Connection], str]:
    def change(conn: sqlite3.Connection) -> str:
        rows.set_value(conn, key, value)
        return key

    return change


def fill(path: Path) -> None:
    store = Store.open(path)
    for number in range(500):
        store.post(put(f"key {number}", os.urandom(200)))
    store.close()
