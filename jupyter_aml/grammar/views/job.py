"""Jobs and sessions as people read them."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_aml.grammar import phrases
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.result import Column, Record, Result, Table
from jupyter_aml.grammar.views import diagnosis, waits
from jupyter_aml.model.errors import from_body
from jupyter_aml.model.job import (
    Job,
    JobSpec,
    JobSummary,
    NotebookJob,
    ParentSpec,
    Receipt,
    Session,
)
from jupyter_aml.model.waiting import Wait


def table(jobs: Sequence[JobSummary], now: float, *, title: str = "", empty: str = "") -> Table:
    """Jobs as rows; `overview` shows the same."""
    columns = [
        Column(title="Name"),
        Column(title="Display name", flexible=True),
        Column(title="Status", state=True),
        Column(title="Compute"),
        Column(title="Created", right=True),
        Column(title="Took", right=True),
        Column(title="Would be", right=True),
        Column(title="Reason", flexible=True),
    ]
    rows = [_row(job, now) for job in jobs]
    return Table(columns=columns, rows=rows, title=title, empty=empty)


def _row(job: JobSummary, now: float) -> list[str]:
    status = job.status
    if job.progress is not None and status == "Running":
        status = f"{status} {job.progress:.0%}"
    return [
        job.name,
        job.display_name if job.display_name != job.name else "",
        status,
        job.compute,
        phrases.ago(job.created_at, now),
        took(job.started_at, job.ended_at, now),
        phrases.money(job.list_price),
        _why(job),
    ]


def _why(job: JobSummary) -> str:
    """What the status alone does not say."""
    if job.error:
        return job.error.message
    return "" if job.status_reason == job.status else job.status_reason


def took(started: str | None, ended: str | None, now: float) -> str:
    """How long it has run, or ran; empty if it never started."""
    start = phrases.seconds_since_epoch(started)
    if start is None:
        return ""
    end = phrases.seconds_since_epoch(ended)
    return phrases.duration((now if end is None else end) - start)


def shown(
    job: Job, now: float, *notes: str, wait: Wait | None = None, exit_code: int = 0
) -> Result:
    """One job, field by field."""
    spec = job.spec
    fields = [
        ("Display name", spec.display_name),
        ("Description", spec.description),
        ("Type", str(spec.__struct_config__.tag)),
        ("Status", job.status),
        ("Reason", "" if job.status_reason == job.status else job.status_reason),
        ("Error", str(from_body(job.error)) if job.error else ""),
        ("Progress", job.doing if isinstance(spec, ParentSpec) else ""),
        ("Best trial", job.best_child),
        *diagnosis.fields(job.diagnosis),
        *waits.fields(wait),
        ("Command", _asked(spec)),
        ("Compute", spec.compute),
        ("Nodes", str(spec.instance_count) if spec.instance_count > 1 else ""),
        ("Experiment", spec.experiment_name),
        ("Tags", ", ".join(f"{key}={value}" for key, value in spec.tags.items())),
        ("Created", phrases.local_time(job.created_at)),
        ("Started", phrases.local_time(job.started_at)),
        ("Ended", phrases.local_time(job.ended_at)),
        ("Took", took(job.started_at, job.ended_at, now)),
        ("Exit code", "" if job.exit_code is None else str(job.exit_code)),
        ("Attempt", str(job.attempt) if job.attempt > 1 else ""),
        ("Receipt", receipt(job.receipt) if job.receipt else ""),
        ("Outputs", "\n".join(f"{name}: {path}" for name, path in job.outputs.items())),
        ("Models", "\n".join(reference.removeprefix("azureml:") for reference in job.models)),
        ("New files", "\n".join(job.new_files)),
        ("Warnings", "\n".join(dict.fromkeys([*spec.warnings, *job.warnings]))),
    ]
    return Result(
        value=job,
        document=document(job),
        parts=[Record(fields=fields, title=job.name)],
        notes=notes,
        exit_code=exit_code,
    )


def _asked(spec: JobSpec) -> str:
    """The command, or the first line of the cell."""
    command = getattr(spec, "command", None)
    if command is not None:
        return command
    if isinstance(spec, NotebookJob):
        given = [f"{name}={value!r}" for name, value in spec.parameters.items()]
        data = [f"{name}={one.reference or one.path}" for name, one in spec.inputs.items()]
        return ", ".join([spec.notebook, *given, *data])
    lines = getattr(spec, "source", "").strip().splitlines() or [""]
    return lines[0] + (" …" if len(lines) > 1 else "")


def receipt(receipt: Receipt) -> str:
    """What it took, and what that time lists at in Azure."""
    took = f"{phrases.plural(receipt.nodes, 'node')} of {receipt.size or 'this machine'}"
    if not receipt.nodes:  # a sweep or a pipeline takes none itself
        took = "all its parts"
    text = f"{took}, {phrases.duration(receipt.seconds)} of node time"
    if receipt.peak_memory_bytes:
        text += f", at most {phrases.size(receipt.peak_memory_bytes)} of memory"
    if receipt.list_price is None:
        return text
    price = phrases.money(receipt.list_price)
    if not receipt.rehearsal:
        return f"{text}, {price}"
    since = f" (list price of {receipt.price_as_of})" if receipt.price_as_of else ""
    return f"{text}; in Azure this time would be {price}{since}"


def sessions(found: Sequence[Session], now: float, *, title: str = "", empty: str = "") -> Table:
    columns = [
        Column(title="Session"),
        Column(title="State", state=True),
        Column(title="Compute"),
        Column(title="Node", flexible=True),
        Column(title="Memory", right=True),
        Column(title="Last used", right=True),
        Column(title="Ends when idle for", right=True),
    ]
    rows = [
        [
            session.name,
            session.state,
            session.compute,
            session.node,
            phrases.size(session.memory_bytes) if session.memory_bytes else "",
            phrases.ago(session.last_used_at, now),
            phrases.duration(session.idle_limit_seconds) if session.idle_limit_seconds else "",
        ]
        for session in found
    ]
    return Table(columns=columns, rows=rows, title=title, empty=empty)
