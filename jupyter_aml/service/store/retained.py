"""What retention asks of the rows of jobs, and the one function that removes one."""

from __future__ import annotations

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


def is_code_needed(conn: sqlite3.Connection, code: str) -> bool:
    """Whether a job that has not ended travels with that code folder."""
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
    for table in ("ended_jobs", "ended_bodies", "payloads"):
        conn.execute(f"DELETE FROM {table} WHERE seq = ?", found)  # noqa: S608 - constant names
