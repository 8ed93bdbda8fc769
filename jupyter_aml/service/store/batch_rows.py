"""Rows of batch endpoints and their deployments.

Functions that write are called inside `Store.write`, those that read take `Store.reader`.
"""

from __future__ import annotations

from sqlite3 import Connection

import msgspec

from jupyter_aml.model.batch import BatchDeployment, BatchEndpoint

_encode = msgspec.json.Encoder().encode
_decode_endpoint = msgspec.json.Decoder(BatchEndpoint).decode
_decode_deployment = msgspec.json.Decoder(BatchDeployment).decode


def save_endpoint(conn: Connection, endpoint: BatchEndpoint) -> None:
    conn.execute(
        "INSERT INTO batch_endpoints (name, body) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET body = excluded.body",
        (endpoint.name, _encode(endpoint)),
    )


def delete_endpoint(conn: Connection, name: str) -> None:
    """With its deployments."""
    conn.execute("DELETE FROM batch_deployments WHERE endpoint = ?", (name,))
    conn.execute("DELETE FROM batch_endpoints WHERE name = ?", (name,))


def save_deployment(conn: Connection, deployment: BatchDeployment) -> None:
    conn.execute(
        "INSERT INTO batch_deployments (endpoint, name, body) VALUES (?, ?, ?)"
        " ON CONFLICT (endpoint, name) DO UPDATE SET body = excluded.body",
        (deployment.endpoint_name, deployment.name, _encode(deployment)),
    )


def delete_deployment(conn: Connection, endpoint: str, name: str) -> None:
    conn.execute("DELETE FROM batch_deployments WHERE endpoint = ? AND name = ?", (endpoint, name))


def list_endpoints(conn: Connection) -> list[BatchEndpoint]:
    """Oldest first."""
    rows = conn.execute("SELECT body FROM batch_endpoints ORDER BY seq")
    return [_decode_endpoint(body) for (body,) in rows]


def list_deployments(conn: Connection) -> list[BatchDeployment]:
    rows = conn.execute("SELECT body FROM batch_deployments ORDER BY seq")
    return [_decode_deployment(body) for (body,) in rows]
