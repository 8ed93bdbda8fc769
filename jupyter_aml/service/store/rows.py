"""Rows: plain functions on a connection, and the only writer of statuses.

Functions that write are called inside `Store.write` or `Store.post`; those that read take
`Store.reader`. A status moves along the ways of `model.lifecycle`, or the write is refused with
`Conflict`; writing the same status again updates the other fields.
"""

from __future__ import annotations

import sqlite3
from typing import Any, cast

import msgspec

from jupyter_aml.model.compute import AmlCompute, AttachedCompute, Compute, ComputeInstance
from jupyter_aml.model.lifecycle import ATTACHED, CLUSTER, INSTANCE, NODE, Machine
from jupyter_aml.service.store.job_rows import (
    active_jobs,
    ended_among,
    find_cell,
    get_job,
    list_jobs,
    parts_of,
    save_job,
    summary_of,
)
from jupyter_aml.service.store.moves import check_move

__all__ = [
    "active_jobs",
    "delete_compute",
    "delete_node",
    "ended_among",
    "find_cell",
    "get_job",
    "get_value",
    "list_computes",
    "list_jobs",
    "list_nodes",
    "parts_of",
    "save_compute",
    "save_job",
    "save_node",
    "set_value",
    "summary_of",
]

_encode = msgspec.json.Encoder().encode
_decode_compute = msgspec.json.Decoder(Compute).decode
_decode_node = msgspec.json.Decoder(dict[str, Any]).decode

# -- computes and nodes -------------------------------------------------------------------


def save_compute(conn: sqlite3.Connection, compute: Compute) -> None:
    found = conn.execute("SELECT state FROM computes WHERE name = ?", (compute.name,)).fetchone()
    machine = _machine_of(compute)
    if machine:
        check_move(machine, found[0] if found else None, compute.state, compute.name)
    conn.execute(
        "INSERT INTO computes (name, state, body) VALUES (?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET state = excluded.state, body = excluded.body",
        (compute.name, compute.state, _encode(compute)),
    )


def delete_compute(conn: sqlite3.Connection, name: str) -> None:
    """Deleting what is not there is no error."""
    conn.execute("DELETE FROM computes WHERE name = ?", (name,))


def list_computes(conn: sqlite3.Connection) -> list[Compute]:
    """Every compute, oldest first."""
    rows = conn.execute("SELECT body FROM computes ORDER BY seq")
    return [_decode_compute(body) for (body,) in rows]


def save_node(conn: sqlite3.Connection, node: dict[str, Any]) -> None:
    """`node` is the backend's own record: ``name``, ``compute``, perhaps ``state``, and more."""
    name, state = str(node["name"]), str(node.get("state", ""))
    found = conn.execute("SELECT state FROM nodes WHERE name = ?", (name,)).fetchone()
    if state:
        check_move(NODE, (found[0] or None) if found else None, state, name)
    conn.execute(
        "INSERT INTO nodes (name, compute, state, body) VALUES (?, ?, ?, ?) ON CONFLICT (name)"
        " DO UPDATE SET compute = excluded.compute, state = excluded.state, body = excluded.body",
        (name, node["compute"], state, _encode(node)),
    )


def delete_node(conn: sqlite3.Connection, name: str) -> None:
    """Deleting what is not there is no error."""
    conn.execute("DELETE FROM nodes WHERE name = ?", (name,))


def list_nodes(conn: sqlite3.Connection, compute: str = "") -> list[dict[str, Any]]:
    """The records of one compute's nodes, or of all, oldest first."""
    where, values = (" WHERE compute = ?", (compute,)) if compute else ("", ())
    rows = conn.execute(f"SELECT body FROM nodes{where} ORDER BY seq", values)  # noqa: S608
    return [_decode_node(body) for (body,) in rows]


def _machine_of(compute: Compute) -> Machine | None:
    """None for ``local``, which is always Running."""
    if isinstance(compute.spec, ComputeInstance):
        return INSTANCE
    if isinstance(compute.spec, AttachedCompute):
        return ATTACHED
    return CLUSTER if isinstance(compute.spec, AmlCompute) else None


# -- single values ------------------------------------------------------------------------


def get_value(conn: sqlite3.Connection, key: str) -> bytes | None:
    """A value kept by name (preferences, the current workspace), as `set_value` was given it."""
    found = conn.execute("SELECT value FROM kept WHERE key = ?", (key,)).fetchone()
    return cast("bytes", found[0]) if found else None


def set_value(conn: sqlite3.Connection, key: str, value: bytes) -> None:
    conn.execute(
        "INSERT INTO kept (key, value) VALUES (?, ?)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, value),
    )
