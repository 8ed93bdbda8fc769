"""MLflow's database as it lies on the disk, in the shape it has had for years."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from jupyter_aml.service.mlflow.database import Database

SCHEMA = """
CREATE TABLE runs (run_uuid TEXT PRIMARY KEY, status TEXT, end_time INTEGER, artifact_uri TEXT);
CREATE TABLE tags (key TEXT, value TEXT, run_uuid TEXT REFERENCES runs (run_uuid));
CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT);
CREATE TABLE metrics (key TEXT, value REAL, timestamp INTEGER, run_uuid TEXT, step INTEGER,
    is_nan BOOLEAN);
CREATE TABLE logged_models (model_id TEXT, name TEXT, artifact_location TEXT, source_run_id TEXT,
    creation_timestamp_ms INTEGER);
CREATE TABLE model_versions (name TEXT, version INTEGER, source TEXT, storage_location TEXT,
    run_id TEXT);
INSERT INTO runs VALUES ('abc', 'RUNNING', NULL, 'mlflow-artifacts:/1/abc/artifacts');
INSERT INTO tags VALUES ('mlflow.runName', 'x', 'abc'), ('who', 'me', 'abc');
INSERT INTO params VALUES ('depth', '3', 'abc');
INSERT INTO metrics VALUES ('loss', 0.5, 2000, 'abc', 1, 0), ('loss', 0.9, 1000, 'abc', 0, 0),
    ('loss', 0, 3000, 'abc', 2, 1);
INSERT INTO logged_models VALUES
    ('m-1', 'tree', 'mlflow-artifacts:/1/models/m-1/artifacts', 'abc', 1),
    ('m-2', 'tree', 'mlflow-artifacts:/1/models/m-2/artifacts', 'abc', 2),
    ('m-3', 'away', 's3://bucket/x', 'abc', 2);
INSERT INTO model_versions VALUES ('digits', 1, 'mlflow-artifacts:/1/abc/artifacts/m', NULL, 'abc');
"""


@pytest.fixture
def database(tmp_path: Path) -> Database:
    found = Database(tmp_path / "mlflow")
    found.path.parent.mkdir()
    with closing(sqlite3.connect(found.path)) as conn, conn:
        conn.executescript(SCHEMA)
    return found


def test_a_run_with_all_that_was_logged(database: Database) -> None:
    run = database.run("abc")
    assert run is not None
    [loss] = run.metrics
    assert (loss.steps, loss.times) == ([0, 1, 2], [1.0, 2.0, 3.0])
    assert loss.values == [0.9, 0.5, None]
    assert (run.parameters, run.tags) == ({"depth": "3"}, {"who": "me"})
    assert database.run("other") is None


def test_a_run_gets_the_name_of_its_job(database: Database) -> None:
    database.rename("abc", "maple_river")
    assert not database.has("abc")
    run = database.run("maple_river")
    assert run is not None
    assert run.tags == {"who": "me"}
    place = database.place("maple_river", "plots")
    assert place is not None
    assert place.parts[-4:] == ("1", "maple_river", "artifacts", "plots")


def test_the_newest_model_of_that_name_is_meant(database: Database) -> None:
    place = database.place("abc", "tree")
    assert place is not None
    assert place.parts[-4:] == ("1", "models", "m-2", "artifacts")
    assert database.place("abc", "away") is None  # not kept by our server
    registered = database.registered("digits", "1")
    assert registered is not None
    assert registered[0].parts[-3:] == ("abc", "artifacts", "m")
    assert registered[1] == "abc"


@pytest.mark.parametrize("path", ["../../../../etc/passwd", "/etc/passwd"])
def test_no_path_leads_out_of_the_artifacts(database: Database, path: str) -> None:
    assert database.place("abc", path) is None


def test_a_run_is_ended_once(database: Database) -> None:
    assert database.running() == ["abc"]
    database.end("abc", "KILLED", 5000)
    database.end("abc", "FINISHED", 9000)
    assert database.running() == []
    with closing(sqlite3.connect(database.path)) as conn:
        assert conn.execute("SELECT status, end_time FROM runs").fetchall() == [("KILLED", 5000)]


def test_nothing_is_there_before_the_first_job_logs(tmp_path: Path) -> None:
    database = Database(tmp_path)
    assert database.run("abc") is None
    assert database.place("abc", "x") is None
    assert database.running() == []
    database.end("abc", "KILLED", 1)
    assert list(tmp_path.iterdir()) == []
