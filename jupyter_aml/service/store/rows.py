"""Rows: plain functions on a connection, and the only writer of statuses.

Functions that write are called inside `Store.write` or `Store.post`; those that read take
`Store.reader`. A status moves along the ways of `model.lifecycle`, or the write is refused with
`Conflict`; writing the same status again updates the other fields.
"""

from __future__ import annotations

import sqlite3
from typing import Any, cast

import msgspec

from jupyter_aml.model.api import ListJobs
from jupyter_aml.model.compute import AmlCompute, Compute, ComputeInstance
from jupyter_aml.model.errors import Conflict, Invalid
from jupyter_aml.model.job import CellJob, CellRun, Job, JobSummary
from jupyter_aml.model.lifecycle import CLUSTER, INSTANCE, JOB, JOB_ACTIVE, NODE, Machine

MAX_PAGE = 1000

_encode = msgspec.json.Encoder().encode
_decode_job = msgspec.json.Decoder(Job).decode
_decode_compute = msgspec.json.Decoder(Compute).decode
_decode_node = msgspec.json.Decoder(dict[str, Any]).decode

# -- jobs ---------------------------------------------------------------------------------


def save_job(conn: sqlite3.Connection, job: Job) -> None:
    """Insert the job or replace what is observed of it. Its spec and payload never change."""
    found = conn.execute("SELECT seq, status FROM jobs WHERE name = ?", (job.name,)).fetchone()
    if found:
        _check_way(found[1], job.status, job.name)
    else:
        _check_move(JOB, None, job.status, job.name)
    lean, payload = _without_payload(job)
    observed = (job.status, job.status in JOB_ACTIVE, job.archived, job.last_seq)
    summary, body = _encode(summary_of(job)), _encode(lean)
    if found:
        conn.execute(
            "UPDATE jobs SET status = ?, active = ?, archived = ?, last_seq = ?, summary = ?"
            " WHERE seq = ?",
            (*observed, summary, found[0]),
        )
        conn.execute("UPDATE job_bodies SET body = ? WHERE seq = ?", (body, found[0]))
        return
    seq = conn.execute(
        "INSERT INTO jobs (name, status, active, archived, last_seq, summary, compute,"
        " experiment, notebook, cell_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (job.name, *observed, summary, *_indexed(job)),
    ).lastrowid
    conn.execute("INSERT INTO job_bodies (seq, body) VALUES (?, ?)", (seq, body))
    if payload:
        conn.execute("INSERT INTO payloads (seq, pickle) VALUES (?, ?)", (seq, payload))


def get_job(conn: sqlite3.Connection, name: str, *, payload: bool = False) -> Job | None:
    """The job, or None. Its ``spec.variables.pickle`` is empty unless `payload` asks for it."""
    found = conn.execute(
        "SELECT jobs.seq, body FROM jobs JOIN job_bodies USING (seq) WHERE name = ?", (name,)
    ).fetchone()
    if found is None:
        return None
    job = _decode_job(found[1])
    return _with_payload(conn, found[0], job) if payload else job


def drop_payload(conn: sqlite3.Connection, name: str) -> None:
    """Forget the inline variables of a job that will not start again."""
    conn.execute("DELETE FROM payloads WHERE seq = (SELECT seq FROM jobs WHERE name = ?)", (name,))


def summary_of(job: Job) -> JobSummary:
    """The job's row in a list and in the change feed."""
    spec = job.spec
    cell = spec if isinstance(spec, CellJob) else None
    return JobSummary(
        name=job.name,
        type="cell" if cell else "command",
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
        session=cell.session if cell else "",
        notebook=cell.notebook if cell else "",
        cell_id=cell.cell_id if cell else "",
        list_price=job.receipt.list_price if job.receipt else None,
        outputs=job.outputs,
    )


def list_jobs(conn: sqlite3.Connection, query: ListJobs) -> bytes:
    """The JSON of a `JobPage`, newest first, joined from the stored summaries undecoded."""
    if not 1 <= query.max_results <= MAX_PAGE:
        raise Invalid(
            f"maxResults is {query.max_results}.",
            target="maxResults",
            hint=f"Ask for 1 to {MAX_PAGE} jobs; `next` of a page leads to the page after it.",
        )
    where, values = _filter(query)
    rows = conn.execute(
        f"SELECT seq, summary FROM jobs{where} ORDER BY seq DESC LIMIT ?",  # noqa: S608
        (*values, query.max_results + 1),
    ).fetchall()
    more = len(rows) > query.max_results
    del rows[query.max_results :]
    following = str(rows[-1][0]) if more else ""
    return b'{"value":[%b],"next":"%b"}' % (b",".join([row[1] for row in rows]), following.encode())


def active_jobs(conn: sqlite3.Connection) -> list[Job]:
    """Every job whose status is not final, oldest first."""
    rows = conn.execute(
        "SELECT body FROM jobs JOIN job_bodies USING (seq) WHERE active = 1 ORDER BY seq"
    )
    return [_decode_job(body) for (body,) in rows]


def find_cell(conn: sqlite3.Connection, notebook: str, cell_id: str) -> CellRun | None:
    """The newest job that was made from this cell."""
    found = conn.execute(
        "SELECT name, status, last_seq FROM jobs"
        " WHERE notebook = ? AND cell_id = ? AND cell_id <> '' ORDER BY seq DESC LIMIT 1",
        (notebook, cell_id),
    ).fetchone()
    return CellRun(job=found[0], status=found[1], last_seq=found[2]) if found else None


def _indexed(job: Job) -> tuple[str, str, str, str]:
    spec = job.spec
    notebook, cell_id = (spec.notebook, spec.cell_id) if isinstance(spec, CellJob) else ("", "")
    return spec.compute, spec.experiment_name, notebook, cell_id


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


def _filter(query: ListJobs) -> tuple[str, list[str | int]]:
    """The WHERE of `list_jobs`: constant texts, values apart."""
    terms: list[str] = [] if query.include_archived else ["archived = 0"]
    values: list[str | int] = []
    if query.after:
        terms.append("seq < ?")
        values.append(_page_mark(query.after))
    if query.status == "active":
        terms.append("active = 1")
    elif query.status:
        terms.append("status = ?")
        values.append(_status_word(query.status))
    if query.compute:
        terms.append("compute = ?")
        values.append(query.compute)
    if query.experiment_name:
        terms.append("experiment = ?")
        values.append(query.experiment_name)
    return (" WHERE " + " AND ".join(terms) if terms else ""), values


def _page_mark(after: str) -> int:
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


# -- computes and nodes -------------------------------------------------------------------


def save_compute(conn: sqlite3.Connection, compute: Compute) -> None:
    found = conn.execute("SELECT state FROM computes WHERE name = ?", (compute.name,)).fetchone()
    machine = _machine_of(compute)
    if machine:
        _check_move(machine, found[0] if found else None, compute.state, compute.name)
    conn.execute(
        "INSERT INTO computes (name, state, body) VALUES (?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET state = excluded.state, body = excluded.body",
        (compute.name, compute.state, _encode(compute)),
    )


def delete_compute(conn: sqlite3.Connection, name: str) -> None:
    """Deleting what is not there is no error."""
    conn.execute("DELETE FROM computes WHERE name = ?", (name,))


def list_computes(conn: sqlite3.Connection) -> list[Compute]:
    """Every compute, oldest first."""
    rows = conn.execute("SELECT body FROM computes ORDER BY seq")
    return [_decode_compute(body) for (body,) in rows]


def save_node(conn: sqlite3.Connection, node: dict[str, Any]) -> None:
    """`node` is the backend's own record: ``name``, ``compute``, perhaps ``state``, and more."""
    name, state = str(node["name"]), str(node.get("state", ""))
    found = conn.execute("SELECT state FROM nodes WHERE name = ?", (name,)).fetchone()
    if state:
        _check_move(NODE, (found[0] or None) if found else None, state, name)
    conn.execute(
        "INSERT INTO nodes (name, compute, state, body) VALUES (?, ?, ?, ?) ON CONFLICT (name)"
        " DO UPDATE SET compute = excluded.compute, state = excluded.state, body = excluded.body",
        (name, node["compute"], state, _encode(node)),
    )


def delete_node(conn: sqlite3.Connection, name: str) -> None:
    """Deleting what is not there is no error."""
    conn.execute("DELETE FROM nodes WHERE name = ?", (name,))


def list_nodes(conn: sqlite3.Connection, compute: str = "") -> list[dict[str, Any]]:
    """The records of one compute's nodes, or of all, oldest first."""
    where, values = (" WHERE compute = ?", (compute,)) if compute else ("", ())
    rows = conn.execute(f"SELECT body FROM nodes{where} ORDER BY seq", values)  # noqa: S608
    return [_decode_node(body) for (body,) in rows]


def _machine_of(compute: Compute) -> Machine | None:
    """None for ``local``, which is always Running."""
    if isinstance(compute.spec, ComputeInstance):
        return INSTANCE
    return CLUSTER if isinstance(compute.spec, AmlCompute) else None


def _check_way(start: str, finish: str, name: str) -> None:
    """A stored status leads to the next stored one, if not in one step.

    A quick job passes several between two commits; each single step was checked where it was made.
    """
    if start != finish and not JOB.path(start, finish):
        JOB.check(start, finish, name=name)


def _check_move(machine: Machine, start: str | None, finish: str, name: str) -> None:
    """A first state is the machine's initial one, or one that may follow it."""
    if finish not in machine.moves:
        raise Conflict(f"{machine.noun} {name!r} cannot be {finish!r}.", target=name)
    origin = machine.initial if start is None else start
    if origin != finish:
        machine.check(origin, finish, name=name)


# -- single values ------------------------------------------------------------------------


def get_value(conn: sqlite3.Connection, key: str) -> bytes | None:
    """A value kept by name (preferences, the current workspace), as `set_value` was given it."""
    found = conn.execute("SELECT value FROM kept WHERE key = ?", (key,)).fetchone()
    return cast("bytes", found[0]) if found else None


def set_value(conn: sqlite3.Connection, key: str, value: bytes) -> None:
    conn.execute(
        "INSERT INTO kept (key, value) VALUES (?, ?)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, value),
    )
