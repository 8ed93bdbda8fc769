"""Rows of the model registry: one for each version, a `model.registry.Model` as JSON.

Functions that write are called inside `Store.write`, those that read take `Store.reader`. What
serves a model now is not kept here.
"""

from __future__ import annotations

from sqlite3 import Connection

import msgspec

from jupyter_aml.model.registry import Model

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Model).decode


def save_model(conn: Connection, model: Model) -> None:
    conn.execute(
        "INSERT INTO models (name, version, content, job, body) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (name, version) DO UPDATE SET body = excluded.body",
        (model.name, model.version, model.content, model.lineage.job, _encode(model)),
    )
    conn.execute(
        "DELETE FROM model_data WHERE name = ? AND version = ?", (model.name, model.version)
    )
    conn.executemany(
        "INSERT INTO model_data (data, name, version) VALUES (?, ?, ?)",
        [(data, model.name, model.version) for data in dict.fromkeys(model.lineage.data)],
    )


def list_models(conn: Connection) -> list[Model]:
    """Every version of every model, oldest first."""
    return [_decode(body) for (body,) in conn.execute("SELECT body FROM models ORDER BY seq")]


def models_of_job(conn: Connection, job: str) -> list[str]:
    """References of what was registered from a job, oldest first."""
    rows = conn.execute("SELECT name, version FROM models WHERE job = ? ORDER BY seq", (job,))
    return [f"azureml:{name}:{version}" for name, version in rows]


def models_of_data(conn: Connection, data: str) -> list[str]:
    """References of the models that were made from a data asset (``azureml:name:version``)."""
    rows = conn.execute("SELECT name, version FROM model_data WHERE data = ?", (data,))
    return [f"azureml:{name}:{version}" for name, version in rows]
