"""What made a job fail, when a rule is sure of it: cause, place, evidence and ways out."""

from __future__ import annotations

import msgspec

from jupyter_aml.model.fix import Fix, Stage


class CodeLine(msgspec.Struct, rename="camel", frozen=True, omit_defaults=True, kw_only=True):
    """One line of the cell; ``number`` counts from 1, the ``%%aml`` line being the first."""

    number: int
    text: str
    marked: bool = False
    """The line where it failed."""


class CodePlace(msgspec.Struct, rename="camel", frozen=True, omit_defaults=True, kw_only=True):
    """Where in the person's own code it failed: a cell, or a file of the code folder."""

    line: int
    text: str
    notebook: str = ""
    cell_id: str = ""
    execution_count: int = 0
    file: str = ""
    """Set when the line is not in the cell itself."""
    lines: list[CodeLine] = []
    """The line with a few around it."""


class Diagnosis(msgspec.Struct, rename="camel", frozen=True, omit_defaults=True, kw_only=True):
    """One cause. There is none at all when no rule is sure."""

    rule: str
    """"out-of-memory", "missing-module", ...: a heading of the troubleshooting page."""
    cause: str
    """One sentence with both numbers where there are two, without a full stop."""
    summary: str = ""
    """A few words for a row of a list: "out of memory, line 12"."""
    stage: Stage = "running"
    """Where on its way it failed."""
    where: CodePlace | None = None
    evidence: str = ""
    """The raw line that the rule read."""
    fixes: list[Fix] = []


class DiagnosisAnswer(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """``diagnosis`` is None when the job did not fail, or no rule is sure why."""

    job: str
    diagnosis: Diagnosis | None = None
