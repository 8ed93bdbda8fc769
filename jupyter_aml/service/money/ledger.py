"""The ledger: rows of node time, each for one purpose within one day.

A row is written again and again while its time goes on, always with all of its time so far and
under the same key, so writing it twice changes nothing: what a killed service had written is
neither lost nor counted again. Amounts are whole billionths of a dollar, so sums are exact.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from jupyter_aml.model.api import ReadLedger
from jupyter_aml.model.money import EntryKind, Ledger, LedgerEntry, LedgerGroup
from jupyter_aml.service.clock import iso

NANO = 1_000_000_000


class Entry(NamedTuple):
    """One row. ``turn`` counts the purposes of a node; ``job`` is "" while it had none."""

    node: str
    turn: int
    job: str
    kind: EntryKind
    day: str
    compute: str
    size: str
    notebook: str
    started: float
    seconds: float
    nanos: int


_COLUMNS = ", ".join(Entry._fields)
_PUT = (
    f"INSERT INTO ledger ({_COLUMNS}) VALUES ({', '.join('?' * len(Entry._fields))})"  # noqa: S608
    " ON CONFLICT (node, turn, job) DO UPDATE SET"
    " seconds = excluded.seconds, nanos = excluded.nanos"
)
_GROUPS = {
    "day": "day",
    "compute": "compute",
    "notebook": "notebook",
    "job": "job",
    "kind": "kind",
}


def put_entries(conn: sqlite3.Connection, entries: Iterable[Entry]) -> None:
    """Write rows, or more time of rows that are there."""
    conn.executemany(_PUT, entries)


def last_turn(conn: sqlite3.Connection, node: str) -> list[Entry]:
    """What a node's time went to when it was last written: several rows where jobs shared it."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM ledger WHERE node = ?1"  # noqa: S608 - constant names
        " AND turn = (SELECT max(turn) FROM ledger WHERE node = ?1)",
        (node,),
    )
    return [Entry(*row) for row in rows]


def of_job(conn: sqlite3.Connection, job: str) -> list[Entry]:
    rows = conn.execute(f"SELECT {_COLUMNS} FROM ledger WHERE job = ?", (job,))  # noqa: S608
    return [Entry(*row) for row in rows]


def sums_of_day(conn: sqlite3.Connection, day: str) -> list[tuple[str, str, int]]:
    """(compute, notebook, nanos) of everything spent in a day."""
    return conn.execute(
        "SELECT compute, notebook, sum(nanos) FROM ledger WHERE day = ? GROUP BY 1, 2", (day,)
    ).fetchall()


def read(conn: sqlite3.Connection, query: ReadLedger, since: float) -> Ledger:
    """What `costs.ledger` answers: entries whose time began at `since` or later."""
    seconds, nanos, of_jobs = conn.execute(
        "SELECT ifnull(sum(seconds), 0), ifnull(sum(nanos), 0),"
        " ifnull(sum(CASE WHEN job <> '' THEN nanos END), 0) FROM ledger WHERE started >= ?",
        (since,),
    ).fetchone()
    return Ledger(
        entries=[] if query.group_by else _entries(conn, since, query.max_results),
        groups=_groups(conn, since, _GROUPS[query.group_by]) if query.group_by else [],
        seconds=round(seconds, 3),
        amount=dollars(nanos),
        job_amount=dollars(of_jobs),
    )


def dollars(nanos: int) -> float:
    return nanos / NANO


def _entries(conn: sqlite3.Connection, since: float, most: int) -> list[LedgerEntry]:
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM ledger WHERE started >= ?"  # noqa: S608 - constant names
        " ORDER BY started DESC, node, job LIMIT ?",
        (since, most),
    )
    return [_public(Entry(*row)) for row in rows]


def _public(entry: Entry) -> LedgerEntry:
    return LedgerEntry(
        kind=entry.kind,
        day=entry.day,
        compute=entry.compute,
        node=entry.node,
        size=entry.size,
        job=entry.job,
        notebook=entry.notebook,
        started_at=iso(entry.started),
        seconds=entry.seconds,
        amount=dollars(entry.nanos),
    )


def _groups(conn: sqlite3.Connection, since: float, column: str) -> list[LedgerGroup]:
    order = "1 DESC" if column == "day" else "3 DESC, 1"
    rows = conn.execute(
        f"SELECT {column}, sum(seconds), sum(nanos),"  # noqa: S608 - one of `_GROUPS`
        f" ifnull(sum(CASE WHEN job <> '' THEN nanos END), 0)"
        f" FROM ledger WHERE started >= ? GROUP BY 1 ORDER BY {order}",
        (since,),
    )
    return [
        LedgerGroup(
            name=name, seconds=round(seconds, 3), amount=dollars(nanos), job_amount=dollars(jobs)
        )
        for name, seconds, nanos, jobs in rows
    ]
