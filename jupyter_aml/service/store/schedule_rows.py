"""Rows of schedules. What they made are jobs.

Functions that write are called inside `Store.write`, those that read take `Store.reader`.
"""

from __future__ import annotations

from sqlite3 import Connection

import msgspec

from jupyter_aml.model.schedule import Schedule

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Schedule).decode


def save_schedule(conn: Connection, schedule: Schedule) -> None:
    conn.execute(
        "INSERT INTO schedules (name, body) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET body = excluded.body",
        (schedule.name, _encode(schedule)),
    )


def delete_schedule(conn: Connection, name: str) -> None:
    conn.execute("DELETE FROM schedules WHERE name = ?", (name,))


def list_schedules(conn: Connection) -> list[Schedule]:
    """Oldest first."""
    return [_decode(body) for (body,) in conn.execute("SELECT body FROM schedules ORDER BY seq")]
