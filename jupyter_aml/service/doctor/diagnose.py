"""The doctor: one cause, or nothing."""

from __future__ import annotations

from jupyter_aml.model.diagnosis import CodePlace, Diagnosis
from jupyter_aml.service.doctor import remedy
from jupyter_aml.service.doctor.place import locate
from jupyter_aml.service.doctor.rule import first_match
from jupyter_aml.service.doctor.rules import RULES
from jupyter_aml.service.doctor.symptoms import Symptoms

LONGEST = 300
"""Characters of a cause and of its evidence; output may hold lines without end."""


def diagnose(symptoms: Symptoms) -> Diagnosis | None:
    """Why the job failed; None for one that did not, and when no rule is sure."""
    job = symptoms.job
    if job.status != "Failed" and not (job.status == "Canceled" and job.status_reason == "Timeout"):
        return None
    match = first_match(RULES, symptoms)
    if match is None:
        return None
    where = locate(symptoms, match.raised) or locate(symptoms, match.raised and symptoms.raised)
    known = remedy.facts(symptoms, match, where)
    cause = remedy.first_known((match.sign.cause, *match.rule.causes), known)
    if not cause:
        return None
    return Diagnosis(
        rule=match.rule.name,
        cause=_short(cause),
        summary=_short(_summary(remedy.fill(match.rule.summary, known) or cause, where)),
        stage=match.rule.stage,
        where=where,
        evidence=_short(match.evidence),
        fixes=remedy.fixes(match.rule.ways, symptoms, known),
    )


def _summary(words: str, where: CodePlace | None) -> str:
    """``out of memory, line 12``; a file of the code folder is named."""
    if where is None:
        return words
    place = f"{where.file} line" if where.file else "line"
    return f"{words}, {place} {where.line}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 2] + " …"
