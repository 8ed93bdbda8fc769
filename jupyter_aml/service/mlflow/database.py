"""MLflow's own database, read beside its server: looking at a run must not start a process.

Only tables that have been the same for years are asked. A database that is not there, or of
another shape, has nothing to tell. Everything here blocks.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_aml.model.registry import Metric

FOLDER = "mlflow"
FILE = "mlflow.db"
ARTIFACTS = "artifacts"
_SCHEME = "mlflow-artifacts:/"
_PATIENCE = 10.0
_INTERNAL = "mlflow."
"""Begins the names of tags that MLflow writes itself."""


@dataclass(frozen=True)
class Run:
    """What was logged to one run."""

    metrics: list[Metric] = field(default_factory=list[Metric])
    parameters: dict[str, str] = field(default_factory=dict[str, str])
    tags: dict[str, str] = field(default_factory=dict[str, str])
    parent: str = ""


class Database:
    """The one of a home; ``folder`` is ``HOME/mlflow``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.path = folder / FILE

    # -- looking ------------------------------------------------------------------------------

    def run(self, run: str) -> Run | None:
        """Everything of a run; None for one that is not there."""
        with self._reading() as conn:
            if conn is None or not _exists(conn, run):
                return None
            parameters = dict(_rows(conn, "SELECT key, value FROM params WHERE run_uuid = ?", run))
            tags = dict(_rows(conn, "SELECT key, value FROM tags WHERE run_uuid = ?", run))
            own = {key: value for key, value in tags.items() if not key.startswith(_INTERNAL)}
            parent = tags.get("mlflow.parentRunId", "")
            return Run(_metrics(conn, run), parameters, own, parent)

    def place(self, run: str, path: str) -> Path | None:
        """Where an artifact of a run, or the model that it logged under that name, lies."""
        logged = (
            "SELECT artifact_location FROM logged_models WHERE source_run_id = ? AND name = ?"
            " ORDER BY creation_timestamp_ms DESC LIMIT 1"
        )
        name, _, inner = path.partition("/")
        with self._reading() as conn:
            if conn is None:
                return None
            for (uri,) in _rows(conn, logged, run, name):
                return self._local(uri, inner)
            for (uri,) in _rows(conn, "SELECT artifact_uri FROM runs WHERE run_uuid = ?", run):
                return self._local(uri, path)
        return None

    def registered(self, name: str, version: str) -> tuple[Path, str] | None:
        """Where a version in MLflow's own registry lies, and its run."""
        query = (
            "SELECT storage_location, source, run_id FROM model_versions"
            " WHERE name = ? AND version = ?"
        )
        with self._reading() as conn:
            if conn is None:
                return None
            for location, source, run in _rows(conn, query, name, version):
                path = self._local(location or source or "", "")
                return (path, run or "") if path else None
        return None

    def has(self, run: str) -> bool:
        with self._reading() as conn:
            return conn is not None and _exists(conn, run)

    def running(self) -> list[str]:
        """Runs that have not ended, as far as anybody said."""
        with self._reading() as conn:
            if conn is None:
                return []
            return [
                run for (run,) in _rows(conn, "SELECT run_uuid FROM runs WHERE end_time IS NULL")
            ]

    # -- changing -----------------------------------------------------------------------------

    def rename(self, run: str, name: str) -> None:
        """Give a run that was made this moment the id `name`. It has tags and nothing else."""
        with closing(sqlite3.connect(self.path, timeout=_PATIENCE)) as conn, conn:
            conn.execute("PRAGMA foreign_keys = OFF")
            conn.execute(
                "UPDATE runs SET run_uuid = ?, artifact_uri = replace(artifact_uri, ?, ?)"
                " WHERE run_uuid = ?",
                (name, f"/{run}/", f"/{name}/", run),
            )
            conn.execute("UPDATE tags SET run_uuid = ? WHERE run_uuid = ?", (name, run))

    def end(self, run: str, status: str, ended_ms: int) -> None:
        """A run whose process could not say so itself has ended."""
        if not self.path.exists():
            return
        with closing(sqlite3.connect(self.path, timeout=_PATIENCE)) as conn, conn:
            conn.execute(
                "UPDATE runs SET status = ?, end_time = ? WHERE run_uuid = ?"
                " AND status IN ('RUNNING', 'SCHEDULED')",
                (status, ended_ms, run),
            )

    # -- inside -------------------------------------------------------------------------------

    @contextmanager
    def _reading(self) -> Generator[sqlite3.Connection | None]:
        if not self.path.exists():
            yield None
            return
        address = f"{self.path.as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=_PATIENCE)) as conn:
            yield conn

    def _local(self, uri: str, inner: str) -> Path | None:
        """The file or folder of an artifact that the server keeps; None for one elsewhere."""
        root = (self._folder / ARTIFACTS).resolve()
        if not uri.startswith(_SCHEME):
            return None
        path = (root / uri.removeprefix(_SCHEME).lstrip("/") / inner).resolve()
        return path if path.is_relative_to(root) else None


def _exists(conn: sqlite3.Connection, run: str) -> bool:
    return bool(_rows(conn, "SELECT 1 FROM runs WHERE run_uuid = ?", run))


def _metrics(conn: sqlite3.Connection, run: str) -> list[Metric]:
    query = (
        "SELECT key, step, timestamp, value, is_nan FROM metrics WHERE run_uuid = ?"
        " ORDER BY key, step, timestamp"
    )
    found: dict[str, Metric] = {}
    for key, step, timestamp, value, is_nan in _rows(conn, query, run):
        metric = found.setdefault(key, Metric(name=key, steps=[], times=[], values=[]))
        metric.steps.append(step)
        metric.times.append(timestamp / 1000)
        metric.values.append(None if is_nan else value)
    return list(found.values())


def _rows(conn: sqlite3.Connection, query: str, *values: str) -> list[tuple[Any, ...]]:
    try:
        return conn.execute(query, values).fetchall()
    except sqlite3.Error:  # a table that this version of MLflow has not, or not yet
        return []
