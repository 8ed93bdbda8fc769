"""Rows of endpoints, deployments and their processes; see `service.endpoints.records`.

Functions that write are called inside `Store.write` or `Store.post`, those that read take
`Store.reader`. A state moves along `lifecycle.ENDPOINT` and `lifecycle.DEPLOYMENT`.
"""

from __future__ import annotations

from sqlite3 import Connection

import msgspec

from jupyter_aml.model.lifecycle import DEPLOYMENT, ENDPOINT
from jupyter_aml.service.endpoints.records import DeploymentRecord, EndpointRecord, ProcessRecord
from jupyter_aml.service.store.moves import check_path

_encode = msgspec.json.Encoder().encode
_decode_endpoint = msgspec.json.Decoder(EndpointRecord).decode
_decode_deployment = msgspec.json.Decoder(DeploymentRecord).decode
_decode_process = msgspec.json.Decoder(ProcessRecord).decode


def save_endpoint(conn: Connection, record: EndpointRecord) -> None:
    found = conn.execute(
        "SELECT state FROM online_endpoints WHERE name = ?", (record.name,)
    ).fetchone()
    check_path(ENDPOINT, found[0] if found else None, record.state, record.name)
    conn.execute(
        "INSERT INTO online_endpoints (name, state, body) VALUES (?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET state = excluded.state, body = excluded.body",
        (record.name, record.state, _encode(record)),
    )


def delete_endpoint(conn: Connection, name: str) -> None:
    """With everything that was its own. Deleting what is not there is no error."""
    for table in ("online_deployments", "endpoint_processes"):
        conn.execute(f"DELETE FROM {table} WHERE endpoint = ?", (name,))  # noqa: S608 - above
    conn.execute("DELETE FROM online_endpoints WHERE name = ?", (name,))


def list_endpoints(conn: Connection) -> list[EndpointRecord]:
    """Oldest first."""
    rows = conn.execute("SELECT body FROM online_endpoints ORDER BY seq")
    return [_decode_endpoint(body) for (body,) in rows]


def save_deployment(conn: Connection, record: DeploymentRecord) -> None:
    found = conn.execute(
        "SELECT state FROM online_deployments WHERE endpoint = ? AND name = ?",
        (record.endpoint, record.name),
    ).fetchone()
    check_path(DEPLOYMENT, found[0] if found else None, record.state, record.path)
    conn.execute(
        "INSERT INTO online_deployments (endpoint, name, state, body) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (endpoint, name)"
        " DO UPDATE SET state = excluded.state, body = excluded.body",
        (record.endpoint, record.name, record.state, _encode(record)),
    )


def delete_deployment(conn: Connection, endpoint: str, name: str) -> None:
    where = (endpoint, name)
    conn.execute("DELETE FROM endpoint_processes WHERE endpoint = ? AND deployment = ?", where)
    conn.execute("DELETE FROM online_deployments WHERE endpoint = ? AND name = ?", where)


def list_deployments(conn: Connection) -> list[DeploymentRecord]:
    """Of every endpoint, oldest first."""
    rows = conn.execute("SELECT body FROM online_deployments ORDER BY seq")
    return [_decode_deployment(body) for (body,) in rows]


def save_process(conn: Connection, record: ProcessRecord) -> None:
    conn.execute(
        "INSERT INTO endpoint_processes (endpoint, name, deployment, body) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (endpoint, name) DO UPDATE SET body = excluded.body",
        (record.endpoint, record.name, record.deployment, _encode(record)),
    )


def delete_process(conn: Connection, endpoint: str, name: str) -> None:
    conn.execute("DELETE FROM endpoint_processes WHERE endpoint = ? AND name = ?", (endpoint, name))


def list_processes(conn: Connection) -> list[ProcessRecord]:
    rows = conn.execute("SELECT body FROM endpoint_processes ORDER BY endpoint, name")
    return [_decode_process(body) for (body,) in rows]
