"""Rows of connections, a `model.connection.Connection` as JSON. Credentials are in no row.

Functions that write are called inside `Store.write`, those that read take `Store.reader`.
"""

from __future__ import annotations

from sqlite3 import Connection as Database

import msgspec

from jupyter_aml.model.connection import Connection

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Connection).decode


def save_connection(conn: Database, connection: Connection) -> None:
    conn.execute(
        "INSERT INTO connections (name, body) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET body = excluded.body",
        (connection.name, _encode(connection)),
    )


def delete_connection(conn: Database, name: str) -> None:
    conn.execute("DELETE FROM connections WHERE name = ?", (name,))


def get_connection(conn: Database, name: str) -> Connection | None:
    """Whatever the case of the name."""
    found = conn.execute("SELECT body FROM connections WHERE name = ?", (name,)).fetchone()
    return _decode(found[0]) if found else None


def list_connections(conn: Database) -> list[Connection]:
    """Oldest first."""
    return [_decode(body) for (body,) in conn.execute("SELECT body FROM connections ORDER BY seq")]
