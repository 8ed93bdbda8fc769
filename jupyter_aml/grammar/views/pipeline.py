"""Steps of a pipeline as people read them, in the order in which they were given."""

from __future__ import annotations

from jupyter_aml.grammar import phrases
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.result import Column, Result, Table
from jupyter_aml.grammar.views.job import took
from jupyter_aml.model.pipeline import StepList, StepRow


def shown(found: StepList, now: float, *notes: str) -> Result:
    columns = [
        Column(title="Step"),
        Column(title="Kind"),
        Column(title="Status", state=True),
        Column(title="Needs", flexible=True),
        Column(title="Took", right=True),
        Column(title="Job", flexible=True),
        Column(title="Reason", flexible=True),
    ]
    rows = [_row(step, now) for step in found.value]
    reused = sum(bool(step.reused_from) for step in found.value)
    words = [f"{phrases.plural(reused, 'step')} did not run again: reused."] if reused else []
    table = Table(columns=columns, rows=rows)
    return Result(value=found, document=document(found), parts=[table], notes=[*notes, *words])


def _row(step: StepRow, now: float) -> list[str]:
    return [
        step.name,
        step.type,
        step.status,
        ", ".join(step.needs),
        took(step.started_at, step.ended_at, now),
        step.job,
        step.reason,
    ]
