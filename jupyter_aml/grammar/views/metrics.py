"""What a job logged, as people read it: the last value of each metric, and how it got there."""

from __future__ import annotations

from jupyter_aml.grammar import phrases
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.result import Column, Record, Result, Table
from jupyter_aml.model.registry import JobMetrics, Metric


def shown(found: JobMetrics, *, empty: str = "It logged no metric.") -> Result:
    columns = [
        Column(title="Metric", flexible=True),
        Column(title="Last", right=True),
        Column(title="Step", right=True),
        Column(title="Values", right=True),
        Column(title="Smallest", right=True),
        Column(title="Largest", right=True),
    ]
    rows = [_row(metric) for metric in found.metrics]
    parts: list[Table | Record] = [Table(columns=columns, rows=rows, empty=empty)]
    if found.parameters:
        parts.append(Record(fields=list(found.parameters.items()), title="Parameters"))
    return Result(value=found, document=document(found), parts=parts)


def _row(metric: Metric) -> list[str]:
    values = [value for value in metric.values if value is not None]
    return [
        metric.name,
        phrases.number(values[-1]) if values else "",
        str(metric.steps[-1]) if metric.steps else "",
        str(len(metric.values)),
        phrases.number(min(values)) if values else "",
        phrases.number(max(values)) if values else "",
    ]
