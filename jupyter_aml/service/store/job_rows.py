"""Rows of jobs. Callers take these functions from `store.rows`.

A job is a row of ``live_jobs`` until its status is final and of ``ended_jobs`` from then on (see
`store.migrations` for why); every function here looks at both.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import msgspec

from jupyter_aml.model.api import ListJobs
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.job import CellJob, CellRun, Job, JobSummary, KernelJob, NotebookJob
from jupyter_aml.model.lifecycle import JOB, JOB_ACTIVE
from jupyter_aml.service.store.moves import check_move, check_way

MAX_PAGE = 1000
_MOST_VALUES = 500
"""In one statement; older SQLites take 999."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Job).decode
_summaries: dict[int, tuple[bytes, bytes]] = {}
"""By number: a live job's body and the summary made from it."""

_FIRST = frozenset({JOB.initial, "Queued"})
"""Statuses in which a job that is saved is most likely new: it is inserted without a search."""

_FIND_LIVE = "SELECT seq, status, 1 FROM live_jobs WHERE name = ?1"
"""Where nearly every job is that is saved: it is looked for there first."""
_FIND = (
    "SELECT seq, status, 1 FROM live_jobs WHERE name = ?1"
    " UNION ALL SELECT seq, status, 0 FROM ended_jobs WHERE name = ?1"
)
_INSERT = (
    "INSERT OR IGNORE INTO live_jobs (seq, name, status, archived, last_seq, compute, experiment,"
    " notebook, cell_id, parent, body) VALUES (1 + max(ifnull((SELECT max(seq) FROM live_jobs), 0),"
    " ifnull((SELECT max(seq) FROM ended_jobs), 0)),"
    " (SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM ended_jobs WHERE name = ?1)),"
    " ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
)
"""Ignored where the name is taken: by a live job, or by one that has ended, which makes it NULL.

Values and no SELECT: one that reads the table it is put into goes through a table of its own.
"""
_BODY = (
    "SELECT seq, body FROM live_jobs WHERE name = ?1 UNION ALL"
    " SELECT seq, body FROM ended_jobs JOIN ended_bodies USING (seq) WHERE name = ?1"
)

# -- writing ------------------------------------------------------------------------------


def save_job(conn: sqlite3.Connection, job: Job) -> None:
    """Insert the job or replace what is observed of it. Its spec and payload never change."""
    lean, payload = _without_payload(job)
    body = _encode(lean)
    if job.status in _FIRST and _insert(conn, job, body, payload):
        return
    found = conn.execute(_FIND_LIVE, (job.name,)).fetchone()
    found = found or conn.execute(_FIND, (job.name,)).fetchone()
    if found is None:
        check_move(JOB, None, job.status, job.name)
        _insert(conn, job, body, payload)
        found = conn.execute(_FIND, (job.name,)).fetchone()
    seq, status, is_live = found
    check_way(status, job.status, job.name)
    if not is_live:
        _update_ended(conn, seq, job, body)
    elif job.status in JOB.final:
        _end(conn, seq, job, body)
    else:
        _update_live(conn, seq, job, body)


def _insert(conn: sqlite3.Connection, job: Job, body: bytes, payload: bytes) -> bool:
    """Insert it as the newest job; False if one of that name is there."""
    row = conn.execute(_INSERT, (*_columns(job), body))
    if row.rowcount < 1:
        return False
    if payload:
        conn.execute("INSERT INTO payloads (seq, pickle) VALUES (?, ?)", (row.lastrowid, payload))
    return True


def _update_live(conn: sqlite3.Connection, seq: int, job: Job, body: bytes) -> None:
    conn.execute(
        "UPDATE live_jobs SET status = ?, archived = ?, last_seq = ?, body = ? WHERE seq = ?",
        (job.status, job.archived, job.last_seq, body, seq),
    )


def _end(conn: sqlite3.Connection, seq: int, job: Job, body: bytes) -> None:
    """It will not start again, so its inline variables go too."""
    conn.execute("DELETE FROM live_jobs WHERE seq = ?", (seq,))
    conn.execute("DELETE FROM payloads WHERE seq = ?", (seq,))
    conn.execute(
        "INSERT INTO ended_jobs (seq, name, status, archived, last_seq, compute, experiment,"
        " notebook, cell_id, parent, summary) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (seq, *_columns(job), _encode(summary_of(job))),
    )
    conn.execute("INSERT INTO ended_bodies (seq, body) VALUES (?, ?)", (seq, body))


def _update_ended(conn: sqlite3.Connection, seq: int, job: Job, body: bytes) -> None:
    conn.execute(
        "UPDATE ended_jobs SET status = ?, archived = ?, last_seq = ?, summary = ? WHERE seq = ?",
        (job.status, job.archived, job.last_seq, _encode(summary_of(job)), seq),
    )
    conn.execute("UPDATE ended_bodies SET body = ? WHERE seq = ?", (body, seq))


def _columns(job: Job) -> tuple[str, str, bool, int, str, str, str, str, str]:
    spec = job.spec
    notebook, cell_id = (spec.notebook, spec.cell_id) if isinstance(spec, CellJob) else ("", "")
    return (
        job.name,
        job.status,
        job.archived,
        job.last_seq,
        spec.compute,
        spec.experiment_name,
        notebook,
        cell_id,
        spec.parent,
    )


# -- reading ------------------------------------------------------------------------------


def get_job(conn: sqlite3.Connection, name: str, *, payload: bool = False) -> Job | None:
    """The job, or None. Its ``spec.variables.pickle`` is empty unless `payload` asks for it."""
    found = conn.execute(_BODY, (name,)).fetchone()
    if found is None:
        return None
    job = _decode(found[1])
    return _with_payload(conn, found[0], job) if payload else job


def ended_among(conn: sqlite3.Connection, names: Sequence[str]) -> set[str]:
    """Which of `names` are those of jobs that have ended."""
    found: set[str] = set()
    for start in range(0, len(names), _MOST_VALUES):
        some = names[start : start + _MOST_VALUES]
        marks = ",".join("?" * len(some))
        query = f"SELECT name FROM ended_jobs WHERE name IN ({marks})"  # noqa: S608
        found.update(name for (name,) in conn.execute(query, some))
    return found


def active_jobs(conn: sqlite3.Connection) -> list[Job]:
    """Every job whose status is not final, oldest first."""
    return [_decode(body) for (body,) in conn.execute("SELECT body FROM live_jobs ORDER BY seq")]


def parts_of(conn: sqlite3.Connection, parent: str) -> list[Job]:
    """Every job that is a part of `parent`, oldest first."""
    found = [
        row
        for content in ("live_jobs", "ended_jobs JOIN ended_bodies USING (seq)")
        for row in conn.execute(
            f"SELECT seq, body FROM {content}"  # noqa: S608
            " WHERE parent = ? AND parent <> '' ORDER BY seq",
            (parent,),
        )
    ]
    return [_decode(body) for _, body in sorted(found)]


def find_cell(conn: sqlite3.Connection, notebook: str, cell_id: str) -> CellRun | None:
    """The newest job that was made from this cell."""
    found = [
        row
        for table in ("live_jobs", "ended_jobs")
        for row in conn.execute(
            f"SELECT seq, name, status, last_seq FROM {table}"  # noqa: S608
            " WHERE notebook = ? AND cell_id = ? AND cell_id <> '' ORDER BY seq DESC LIMIT 1",
            (notebook, cell_id),
        )
    ]
    if not found:
        return None
    _, name, status, last_seq = max(found)
    return CellRun(job=name, status=status, last_seq=last_seq)


def list_jobs(conn: sqlite3.Connection, query: ListJobs) -> bytes:
    """The JSON of a `JobPage`, newest first, joined from the stored summaries undecoded."""
    if not 1 <= query.max_results <= MAX_PAGE:
        raise Invalid(
            f"maxResults is {query.max_results}.",
            target="maxResults",
            hint=f"Ask for 1 to {MAX_PAGE} jobs; `next` of a page leads to the page after it.",
        )
    rows = _newest(conn, query, query.max_results + 1)
    more = len(rows) > query.max_results
    del rows[query.max_results :]
    following = str(rows[-1][0]) if more else ""
    return b'{"value":[%b],"next":"%b"}' % (b",".join([row[1] for row in rows]), following.encode())


def _newest(conn: sqlite3.Connection, query: ListJobs, count: int) -> list[tuple[int, bytes]]:
    """(seq, summary) of the newest `count` jobs of both tables together."""
    where, values = _filter(query)
    found: list[tuple[int, bytes]] = []
    for table, content in _tables(query.status):
        # what is older than `count` jobs of the first table cannot be in the page
        least = found[-1][0] if len(found) == count else 0
        rows = conn.execute(
            f"SELECT seq, {content} FROM {table} WHERE {where} AND seq > ?"  # noqa: S608
            " ORDER BY seq DESC LIMIT ?",
            (*values, least, count),
        )
        found += rows if content == "summary" else [(n, _live_summary(n, b)) for n, b in rows]
    found.sort(reverse=True)
    return found[:count]


def _tables(status: str) -> tuple[tuple[str, str], ...]:
    live, ended = ("live_jobs", "body"), ("ended_jobs", "summary")
    if status == "active" or status in JOB_ACTIVE:
        return (live,)
    return (ended,) if status else (live, ended)


def _live_summary(seq: int, body: bytes) -> bytes:
    """A live job's summary: made when it is asked for, and again when the job has changed."""
    known = _summaries.get(seq)
    if known is None or known[0] != body:
        if len(_summaries) >= MAX_PAGE:
            _summaries.clear()
        known = _summaries[seq] = body, _encode(summary_of(_decode(body)))
    return known[1]


def _filter(query: ListJobs) -> tuple[str, list[str | int]]:
    """The WHERE of `_newest`: constant texts, values apart."""
    terms: list[str] = ["seq < ?"]
    values: list[str | int] = [_page_mark(query.after)]
    if not query.include_archived:
        terms.append("archived = 0")
    if query.status and query.status != "active":
        terms.append("status = ?")
        values.append(_status_word(query.status))
    if query.compute:
        terms.append("compute = ?")
        values.append(query.compute)
    if query.parent:
        # said twice: the index of parts serves only a query that is seen to want parts alone
        terms.append("parent = ? AND parent <> ''")
        values.append(query.parent)
    else:
        terms.append("parent = ''")
    if query.experiment_name:
        terms.append("experiment = ?")
        values.append(query.experiment_name)
    return " AND ".join(terms), values


def _page_mark(after: str) -> int:
    """The number that every job of the page is smaller than."""
    if not after:
        return 2**62
    if not (after.isascii() and after.isdigit() and len(after) < 19):
        raise Invalid(
            f"{after!r} is not the `next` of a page.",
            target="after",
            hint="Pass `next` of the page before, or leave it out for the first page.",
        )
    return int(after)


def _status_word(status: str) -> str:
    if status not in JOB.moves:
        raise Invalid(
            f"A job's status is never {status!r}.",
            target="status",
            hint=f"One of active, {', '.join(JOB.states)}.",
        )
    return status


def summary_of(job: Job) -> JobSummary:
    """The job's row in a list and in the change feed."""
    spec = job.spec
    cell = spec if isinstance(spec, CellJob) else None
    notebook = spec.notebook if isinstance(spec, (CellJob, NotebookJob, KernelJob)) else ""
    return JobSummary(
        name=job.name,
        type=str(spec.__struct_config__.tag),
        display_name=spec.display_name or job.name,
        status=job.status,
        status_reason=job.status_reason,
        error=job.error,
        compute=spec.compute,
        created_at=job.created_at,
        started_at=job.started_at,
        ended_at=job.ended_at,
        exit_code=job.exit_code,
        attempt=job.attempt,
        experiment_name=spec.experiment_name,
        tags=spec.tags,
        instance_count=spec.instance_count,
        archived=job.archived,
        progress=job.progress,
        doing=job.doing,
        session=cell.session if cell else "",
        notebook=notebook,
        cell_id=cell.cell_id if cell else "",
        list_price=job.receipt.list_price if job.receipt else None,
        outputs=job.outputs,
        parent=spec.parent,
        cause=job.diagnosis.summary if job.diagnosis else "",
    )


# -- variables ----------------------------------------------------------------------------


def _without_payload(job: Job) -> tuple[Job, bytes]:
    spec = job.spec
    if not isinstance(spec, CellJob) or not spec.variables.pickle:
        return job, b""
    variables = msgspec.structs.replace(spec.variables, pickle=b"")
    lean = msgspec.structs.replace(spec, variables=variables)
    return msgspec.structs.replace(job, spec=lean), spec.variables.pickle


def _with_payload(conn: sqlite3.Connection, seq: int, job: Job) -> Job:
    found = conn.execute("SELECT pickle FROM payloads WHERE seq = ?", (seq,)).fetchone()
    if found is None or not isinstance(job.spec, CellJob):
        return job
    variables = msgspec.structs.replace(job.spec.variables, pickle=found[0])
    return msgspec.structs.replace(job, spec=msgspec.structs.replace(job.spec, variables=variables))
