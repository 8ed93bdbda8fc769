"""Rows of datastores, of data assets, and of which jobs used which version.

Functions that write are called inside `Store.write` or `Store.post`, those that read take
`Store.reader`.
"""

from __future__ import annotations

from collections.abc import Iterable
from sqlite3 import Connection

import msgspec

from jupyter_aml.model.data import Data, Datastore

_encode = msgspec.json.Encoder().encode
_decode_data = msgspec.json.Decoder(Data).decode
_decode_datastore = msgspec.json.Decoder(Datastore).decode

_MOST_USES = 50
"""Jobs that are told of one version."""


def save_datastore(conn: Connection, datastore: Datastore) -> None:
    conn.execute(
        "INSERT INTO datastores (name, body) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET body = excluded.body",
        (datastore.name, _encode(datastore)),
    )


def delete_datastore(conn: Connection, name: str) -> None:
    conn.execute("DELETE FROM datastores WHERE name = ?", (name,))


def list_datastores(conn: Connection) -> list[Datastore]:
    """Oldest first."""
    rows = conn.execute("SELECT body FROM datastores ORDER BY seq")
    return [_decode_datastore(body) for (body,) in rows]


def save_data(conn: Connection, data: Data) -> None:
    conn.execute(
        "INSERT INTO data (name, version, body) VALUES (?, ?, ?)"
        " ON CONFLICT (name, version) DO UPDATE SET body = excluded.body",
        (data.name, data.version, _encode(data)),
    )


def list_data(conn: Connection) -> list[Data]:
    """Every version of every asset, oldest first."""
    return [_decode_data(body) for (body,) in conn.execute("SELECT body FROM data ORDER BY seq")]


def add_uses(conn: Connection, references: Iterable[str], job: str) -> None:
    """Note that `job` reads these versions (``azureml:name:version``)."""
    conn.executemany(
        "INSERT OR IGNORE INTO data_uses (reference, job) VALUES (?, ?)",
        [(reference, job) for reference in references],
    )


def uses_of(conn: Connection, reference: str) -> list[str]:
    """The newest jobs that read it, newest first."""
    rows = conn.execute(
        "SELECT job FROM data_uses WHERE reference = ? ORDER BY seq DESC LIMIT ?",
        (reference, _MOST_USES),
    )
    return [job for (job,) in rows]
