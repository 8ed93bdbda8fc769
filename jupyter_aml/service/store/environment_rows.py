"""Rows of environments and of their builds; see `service.environments.records` for the structs.

Functions that write are called inside `Store.write` or `Store.post`, those that read take
`Store.reader`. Saving a build moves it along `model.lifecycle.ENVIRONMENT`, or raises `Conflict`.
"""

from __future__ import annotations

from sqlite3 import Connection

import msgspec

from jupyter_aml.model.lifecycle import ENVIRONMENT
from jupyter_aml.service.environments.records import Build, Record
from jupyter_aml.service.store.moves import check_move

_encode = msgspec.json.Encoder().encode
_decode_record = msgspec.json.Decoder(Record).decode
_decode_build = msgspec.json.Decoder(Build).decode


def save_environment(conn: Connection, record: Record) -> None:
    conn.execute(
        "INSERT INTO environments (name, version, body) VALUES (?, ?, ?)"
        " ON CONFLICT (name, version) DO UPDATE SET body = excluded.body",
        (record.name, record.version, _encode(record)),
    )


def list_environments(conn: Connection) -> list[Record]:
    """Every version of every environment, oldest first."""
    rows = conn.execute("SELECT body FROM environments ORDER BY seq")
    return [_decode_record(body) for (body,) in rows]


def add_build(conn: Connection, build: Build) -> None:
    """Keep what nothing has become of yet; one that is there stays as it is."""
    conn.execute(
        "INSERT OR IGNORE INTO environment_builds (content, state, body) VALUES (?, ?, ?)",
        (build.content, build.state, _encode(build)),
    )


def save_build(conn: Connection, build: Build) -> None:
    found = conn.execute(
        "SELECT state FROM environment_builds WHERE content = ?", (build.content,)
    ).fetchone()
    check_move(ENVIRONMENT, found[0] if found else None, build.state, build.content)
    conn.execute(
        "INSERT INTO environment_builds (content, state, body) VALUES (?, ?, ?)"
        " ON CONFLICT (content) DO UPDATE SET state = excluded.state, body = excluded.body",
        (build.content, build.state, _encode(build)),
    )


def list_builds(conn: Connection) -> list[Build]:
    rows = conn.execute("SELECT body FROM environment_builds ORDER BY content")
    return [_decode_build(body) for (body,) in rows]
