"""What retention asks of the rows of jobs, and the one function that removes one."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

import msgspec

from jupyter_aml.model.job import JobSummary

_decode = msgspec.json.Decoder(JobSummary).decode


def ended_jobs(conn: sqlite3.Connection) -> Iterator[JobSummary]:
    """Every job that has ended, oldest first."""
    for (summary,) in conn.execute("SELECT summary FROM ended_jobs ORDER BY seq"):
        yield _decode(summary)


def ended_summary(conn: sqlite3.Connection, name: str) -> JobSummary | None:
    """The job of that name if it has ended."""
    found = conn.execute("SELECT summary FROM ended_jobs WHERE name = ?", (name,)).fetchone()
    return _decode(found[0]) if found else None


def parents(conn: sqlite3.Connection) -> dict[str, str]:
    """Name of each job that is a part of another to the name of that one."""
    query = "SELECT name, parent FROM {} WHERE parent <> ''"
    tables = ("live_jobs", "ended_jobs")
    return {name: of for table in tables for name, of in conn.execute(query.format(table))}


def parts_of(conn: sqlite3.Connection, parent: str) -> list[str]:
    """Names of its parts that have ended."""
    query = "SELECT name FROM ended_jobs WHERE parent = ? AND parent <> '' ORDER BY seq"
    return [name for (name,) in conn.execute(query, (parent,))]


def live_names(conn: sqlite3.Connection) -> set[str]:
    """Names of jobs that have not ended."""
    return {name for (name,) in conn.execute("SELECT name FROM live_jobs")}


def code_of_jobs(conn: sqlite3.Connection) -> dict[str, tuple[str, bool]]:
    """Name of a job to its code folder (``snapshot:...``) and whether it is live."""
    queries = (
        ("SELECT name, json_extract(CAST(body AS TEXT), '$.spec.code') FROM live_jobs", True),
        (
            "SELECT name, json_extract(CAST(body AS TEXT), '$.spec.code')"
            " FROM ended_jobs JOIN ended_bodies USING (seq)",
            False,
        ),
    )
    return {
        name: (code, live) for query, live in queries for name, code in conn.execute(query) if code
    }


_CODE_OF_DEPLOYMENTS = (
    "SELECT json_extract(CAST(body AS TEXT), '$.spec.code') FROM batch_deployments"
    " UNION SELECT json_extract(CAST(body AS TEXT), '$.spec.code') FROM online_deployments"
)


def code_of_deployments(conn: sqlite3.Connection) -> set[str]:
    """Code folders (``snapshot:...``) that deployments go on using."""
    return {code for (code,) in conn.execute(_CODE_OF_DEPLOYMENTS) if code}


_CODE = re.compile(rb"snapshot:[0-9a-f]+")


def code_of_plans(conn: sqlite3.Connection) -> set[str]:
    """Code folders (``snapshot:...``) of jobs yet to be made: by pipelines, by schedules, and of
    the components that they may name."""
    queries = (
        "SELECT CAST(body AS BLOB) FROM live_jobs"
        " WHERE json_extract(CAST(body AS TEXT), '$.spec.type') = 'pipeline'",
        "SELECT CAST(body AS BLOB) FROM schedules",
        "SELECT CAST(body AS BLOB) FROM components"
        " WHERE NOT anonymous AND NOT json_extract(CAST(body AS TEXT), '$.archived')",
    )
    bodies = (body for query in queries for (body,) in conn.execute(query))
    return {code.decode() for body in bodies for code in _CODE.findall(body)}


def contents(conn: sqlite3.Connection) -> dict[str, list[tuple[str, bool]]]:
    """Key of a content to the versions that hold it: ``name:version`` and whether archived."""
    found: dict[str, list[tuple[str, bool]]] = {}
    for table in ("data", "models"):
        rows = conn.execute(
            "SELECT json_extract(CAST(body AS TEXT), '$.content'), name, version,"  # noqa: S608
            f" json_extract(CAST(body AS TEXT), '$.archived') FROM {table} ORDER BY seq"
        )
        for content, name, version, archived in rows:
            if content:
                found.setdefault(content, []).append((f"{name}:{version}", bool(archived)))
    return found


def is_mentioned(conn: sqlite3.Connection, text: str) -> bool:
    """Whether a job that has not ended, a deployment or a schedule speaks of it."""
    tables = ("live_jobs", "batch_deployments", "online_deployments", "schedules")
    return any(
        conn.execute(
            f"SELECT 1 FROM {table} WHERE instr(CAST(body AS TEXT), ?) LIMIT 1",  # noqa: S608
            (text,),
        ).fetchone()
        for table in tables
    )


def is_code_needed(conn: sqlite3.Connection, code: str) -> bool:
    """Whether a job that has not ended travels with that code folder, or one yet to be made will,
    or a deployment uses it."""
    if code in code_of_deployments(conn) or code in code_of_plans(conn):
        return True
    found = conn.execute(
        "SELECT 1 FROM live_jobs WHERE json_extract(CAST(body AS TEXT), '$.spec.code') = ?",
        (code,),
    )
    return found.fetchone() is not None


def forget_job(conn: sqlite3.Connection, name: str) -> None:
    """Remove the rows of a job that has ended; one that has not, or is not there, is left."""
    found = conn.execute("SELECT seq FROM ended_jobs WHERE name = ?", (name,)).fetchone()
    if found is None:
        return
    conn.execute("DELETE FROM data_uses WHERE job = ?", (name,))
    for table in ("ended_jobs", "ended_bodies", "payloads"):
        conn.execute(f"DELETE FROM {table} WHERE seq = ?", found)  # noqa: S608 - constant names
