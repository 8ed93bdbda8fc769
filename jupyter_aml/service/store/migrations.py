"""The schema, as numbered steps. A step that was released is never edited; a new one follows it.

``PRAGMA user_version`` holds the number of the last step that was applied.
"""

from __future__ import annotations

import sqlite3

from jupyter_aml.model.errors import Conflict

# 1. A job lives in `live_jobs` until it has ended and then moves to `ended_jobs`. Accepting a job
#    and every change of its state touch a table of few rows and no index but its name's: an index
#    is a page more in each of those commits, a sixth of its cost. What searches and lists need
#    is paid once, at the end. `ended_jobs` is narrow, so that those read few pages (10,000 rows
#    in about a millisecond); the whole job lies beside it. `seq` counts over both tables.
_FIRST = """
CREATE TABLE live_jobs (
    seq INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL,
    archived INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    compute TEXT NOT NULL,
    experiment TEXT NOT NULL,
    notebook TEXT NOT NULL,
    cell_id TEXT NOT NULL,
    body BLOB NOT NULL
);
CREATE TABLE ended_jobs (
    seq INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL,
    archived INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    compute TEXT NOT NULL,
    experiment TEXT NOT NULL,
    notebook TEXT NOT NULL,
    cell_id TEXT NOT NULL,
    summary BLOB NOT NULL
);
CREATE INDEX ended_cells ON ended_jobs (notebook, cell_id) WHERE cell_id <> '';
CREATE TABLE ended_bodies (seq INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE payloads (seq INTEGER PRIMARY KEY, pickle BLOB NOT NULL);
CREATE TABLE computes (
    seq INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, state TEXT NOT NULL, body BLOB NOT NULL
);
CREATE TABLE nodes (
    seq INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, compute TEXT NOT NULL,
    state TEXT NOT NULL, body BLOB NOT NULL
);
CREATE INDEX nodes_compute ON nodes (compute);
CREATE TABLE kept (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
"""

# 2. An environment names a content; a build is of a content, and so shared by all that name it.
_ENVIRONMENTS = """
CREATE TABLE environments (
    seq INTEGER PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, body BLOB NOT NULL,
    UNIQUE (name, version)
);
CREATE TABLE environment_builds (
    content TEXT PRIMARY KEY, state TEXT NOT NULL, body BLOB NOT NULL
) WITHOUT ROWID;
"""

# 3. Time of nodes that cost something, in rows that are written again while their time goes on.
_LEDGER = """
CREATE TABLE ledger (
    node TEXT NOT NULL, turn INTEGER NOT NULL, job TEXT NOT NULL, kind TEXT NOT NULL,
    day TEXT NOT NULL, compute TEXT NOT NULL, size TEXT NOT NULL, notebook TEXT NOT NULL,
    started REAL NOT NULL, seconds REAL NOT NULL, nanos INTEGER NOT NULL,
    PRIMARY KEY (node, turn, job)
) WITHOUT ROWID;
CREATE INDEX ledger_day ON ledger (day);
CREATE INDEX ledger_job ON ledger (job) WHERE job <> '';
CREATE INDEX ledger_started ON ledger (started);
"""

# 4. Durations of past starts, from which the usual one is learnt; few of each kind are kept.
_STARTS = """
CREATE TABLE starts (
    seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, size TEXT NOT NULL, environment TEXT NOT NULL,
    seconds REAL NOT NULL
);
CREATE INDEX starts_key ON starts (kind, size, environment);
"""

# 5. Data: places, versions of assets, and which job read which version.
_DATA = """
CREATE TABLE datastores (seq INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, body BLOB NOT NULL);
CREATE TABLE data (
    seq INTEGER PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, body BLOB NOT NULL,
    UNIQUE (name, version)
);
CREATE TABLE data_uses (
    seq INTEGER PRIMARY KEY, reference TEXT NOT NULL, job TEXT NOT NULL, UNIQUE (reference, job)
);
"""

# 6. What an endpoint needs to come back: itself, its deployments, and the processes of both.
_ENDPOINTS = """
CREATE TABLE online_endpoints (
    seq INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, state TEXT NOT NULL, body BLOB NOT NULL
);
CREATE TABLE online_deployments (
    seq INTEGER PRIMARY KEY, endpoint TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL,
    body BLOB NOT NULL, UNIQUE (endpoint, name)
);
CREATE TABLE endpoint_processes (
    endpoint TEXT NOT NULL, name TEXT NOT NULL, deployment TEXT NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (endpoint, name)
) WITHOUT ROWID;
"""

# 7. A version of a model, whole as JSON; what is looked for has a column, or a table, of its own.
_MODELS = """
CREATE TABLE models (
    seq INTEGER PRIMARY KEY, name TEXT NOT NULL COLLATE NOCASE, version TEXT NOT NULL,
    content TEXT NOT NULL, job TEXT NOT NULL, body BLOB NOT NULL, UNIQUE (name, version)
);
CREATE INDEX models_job ON models (job) WHERE job <> '';
CREATE TABLE model_data (
    data TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL,
    PRIMARY KEY (data, name, version)
) WITHOUT ROWID;
"""

# 8. Batch endpoints and their deployments; what they ran are jobs.
_BATCH = """
CREATE TABLE batch_endpoints (
    seq INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, body BLOB NOT NULL
);
CREATE TABLE batch_deployments (
    seq INTEGER PRIMARY KEY, endpoint TEXT NOT NULL, name TEXT NOT NULL, body BLOB NOT NULL,
    UNIQUE (endpoint, name)
);
"""

# 9. Sweeps and pipelines have jobs as parts. They are listed under their parent alone.
_PARENTS = """
ALTER TABLE live_jobs ADD COLUMN parent TEXT NOT NULL DEFAULT '';
ALTER TABLE ended_jobs ADD COLUMN parent TEXT NOT NULL DEFAULT '';
CREATE INDEX ended_parts ON ended_jobs (parent, seq) WHERE parent <> '';
"""

# 10. Code assets; what each holds is a snapshot. `digest` is by what a client asks for it.
_CODES = """
CREATE TABLE codes (
    seq INTEGER PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, digest TEXT NOT NULL,
    body BLOB NOT NULL, UNIQUE (name, version)
);
CREATE INDEX codes_digest ON codes (digest);
"""

# 11. Components; the version of an anonymous one says what it holds. What a step of a pipeline was
#     made of (its key), and the newest job that did it.
_COMPONENTS = """
CREATE TABLE components (
    seq INTEGER PRIMARY KEY, name TEXT NOT NULL COLLATE NOCASE, version TEXT NOT NULL,
    content TEXT NOT NULL, anonymous INTEGER NOT NULL, body BLOB NOT NULL, UNIQUE (name, version)
);
CREATE TABLE reusable (
    key TEXT PRIMARY KEY, job TEXT NOT NULL
) WITHOUT ROWID;
"""

# 12. Schedules; what they made are jobs.
_SCHEDULES = """
CREATE TABLE schedules (
    seq INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, body BLOB NOT NULL
);
"""

# 13. Connections; their credentials are in files of their own.
_CONNECTIONS = """
CREATE TABLE connections (
    seq INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE, body BLOB NOT NULL
);
"""

MIGRATIONS: tuple[str, ...] = (
    _FIRST,
    _ENVIRONMENTS,
    _LEDGER,
    _STARTS,
    _DATA,
    _ENDPOINTS,
    _MODELS,
    _BATCH,
    _PARENTS,
    _CODES,
    _COMPONENTS,
    _SCHEDULES,
    _CONNECTIONS,
)


def migrate(connection: sqlite3.Connection, migrations: tuple[str, ...] = MIGRATIONS) -> None:
    """Bring the database to the newest schema, each step whole or not at all.

    Raises `Conflict` for a database of a newer version of this package; it is left as it is.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(migrations):
        raise Conflict(
            f"The database was written by a newer version of jupyter_aml (schema {version}, "
            f"this one knows {len(migrations)}).",
            target="state.db",
            hint="Install the newer version again, or set JUPYTER_AML_HOME to another folder.",
        )
    for number, step in enumerate(migrations[version:], start=version + 1):
        # executescript commits what is open first; the transaction is the script's own
        connection.executescript(f"BEGIN IMMEDIATE;{step};PRAGMA user_version = {number};COMMIT;")
