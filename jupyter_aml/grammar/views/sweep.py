"""Trials of a sweep as people read them: the best one first to be seen."""

from __future__ import annotations

from jupyter_aml.grammar import phrases
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.result import Column, Result, Table
from jupyter_aml.grammar.views.job import took
from jupyter_aml.model.sweep import Trial, TrialList

_BEST = "★"


def shown(found: TrialList, now: float, *notes: str) -> Result:
    names = list(dict.fromkeys(name for trial in found.value for name in trial.parameters))
    columns = [
        Column(title="Trial", right=True),
        Column(title="Status", state=True),
        *(Column(title=name, right=True) for name in names),
        Column(title=found.primary_metric, right=True),
        Column(title="Best"),
        Column(title="Took", right=True),
        Column(title="Reason", flexible=True),
    ]
    rows = [_row(trial, names, now) for trial in found.value]
    table = Table(columns=columns, rows=rows, empty="No trial has been made yet.")
    words = [*notes, _best(found)] if found.best else list(notes)
    return Result(value=found, document=document(found), parts=[table], notes=words)


def _row(trial: Trial, names: list[str], now: float) -> list[str]:
    return [
        str(trial.number),
        trial.status,
        *(_short(trial.parameters.get(name, "")) for name in names),
        "" if trial.metric is None else phrases.number(trial.metric),
        _BEST if trial.best else "",
        took(trial.started_at, trial.ended_at, now),
        trial.terminated or trial.cause,
    ]


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _best(found: TrialList) -> str:
    best = next(trial for trial in found.value if trial.best)
    made = f"{len(found.value)} of {found.total} trials made"
    metric = f"{found.primary_metric} {phrases.number(best.metric or 0.0)}"
    return f"Best of {made}: {best.job}, {metric}."
