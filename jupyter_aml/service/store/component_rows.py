"""Rows of components: one for each version, a `model.component.Component` as JSON; and of what
steps of pipelines can be reused.

Functions that write are called inside `Store.write` or `Store.post`, those that read take
`Store.reader`.
"""

from __future__ import annotations

from collections.abc import Iterator
from sqlite3 import Connection

import msgspec

from jupyter_aml.model.component import Component

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Component).decode


def save_component(conn: Connection, component: Component) -> None:
    conn.execute(
        "INSERT INTO components (name, version, content, anonymous, body) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (name, version) DO UPDATE SET body = excluded.body",
        (
            component.name,
            component.version,
            component.content,
            component.anonymous,
            _encode(component),
        ),
    )


def get_component(conn: Connection, name: str, version: str) -> Component | None:
    found = conn.execute(
        "SELECT body FROM components WHERE name = ? AND version = ?", (name, version)
    ).fetchone()
    return _decode(found[0]) if found else None


def versions(conn: Connection, name: str) -> list[Component]:
    """Every version of one, the newest first."""
    rows = conn.execute("SELECT body FROM components WHERE name = ? ORDER BY seq DESC", (name,))
    return [_decode(body) for (body,) in rows]


def with_content(conn: Connection, name: str, content: str) -> list[Component]:
    """The versions of one that hold the same, the newest first."""
    rows = conn.execute(
        "SELECT body FROM components WHERE name = ? AND content = ? ORDER BY seq DESC",
        (name, content),
    )
    return [_decode(body) for (body,) in rows]


def named(conn: Connection) -> Iterator[Component]:
    """Every version of every component that has a name, the newest first."""
    rows = conn.execute("SELECT body FROM components WHERE anonymous = 0 ORDER BY seq DESC")
    return (_decode(body) for (body,) in rows)


# -- reuse --------------------------------------------------------------------------------


def save_reusable(conn: Connection, key: str, job: str) -> None:
    """`job` has completed what `key` stands for."""
    conn.execute("INSERT OR REPLACE INTO reusable (key, job) VALUES (?, ?)", (key, job))


def reusable(conn: Connection, key: str) -> str:
    """The newest job that has completed it, if that was not pruned; "" for none."""
    found = conn.execute("SELECT job FROM reusable WHERE key = ?", (key,)).fetchone()
    return found[0] if found else ""
