"""Environments as people read them."""

from __future__ import annotations

from collections.abc import Sequence, Set

from jupyter_aml.grammar import phrases
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.result import Column, Record, Result, Table
from jupyter_aml.model.environment import KERNEL, DiffRow, Environment, EnvironmentDiff

_MOST = 6
"""Requirements that a row names before it counts the rest."""


def table(environments: Sequence[Environment]) -> Table:
    columns = [
        Column(title="Environment", flexible=True),
        Column(title="State", state=True),
        Column(title="Python"),
        Column(title="Size", right=True),
        Column(title="Build", right=True),
        Column(title="Requirements", flexible=True),
        Column(title="Description", flexible=True),
    ]
    return Table(columns=columns, rows=[_row(one) for one in environments])


def _row(one: Environment) -> list[str]:
    return [
        one.reference,
        _state(one),
        one.python,
        phrases.size(one.bytes) if one.bytes else "",
        _time(one),
        _requirements(one.requirements),
        one.description,
    ]


def _state(one: Environment) -> str:
    return f"{one.state} {one.reason}".rstrip() if one.state == "Building" else one.state


def _time(one: Environment) -> str:
    seconds = one.usual_seconds
    return f"usually {phrases.duration(seconds)}" if seconds else ""


def _requirements(lines: Sequence[str]) -> str:
    more = f" and {len(lines) - _MOST} more" if len(lines) > _MOST else ""
    return ", ".join(lines[:_MOST]) + more


def shown(one: Environment, *notes: str, exit_code: int = 0) -> Result:
    """One environment, field by field."""
    fields = [
        ("State", one.state),
        ("Doing", one.reason),
        ("Description", one.description),
        ("Python", one.python),
        ("Requirements", "\n".join(one.requirements)),
        ("Packages", str(len(one.packages)) if one.packages else ""),
        ("Size", phrases.size(one.bytes) if one.bytes else ""),
        ("Built", phrases.local_time(one.built_at)),
        ("Build took", phrases.duration(one.build_seconds) if one.build_seconds else ""),
        ("Usually", phrases.duration(one.usual_seconds) if one.usual_seconds else ""),
        ("Failed", one.error.message if one.error else ""),
        ("Fix", one.error.hint if one.error else ""),
        ("Not given", "\n".join(one.warnings)),
        ("Image", one.image),
        ("Tags", ", ".join(f"{key}={value}" for key, value in one.tags.items())),
        ("Archived", "yes" if one.archived else ""),
        ("Created", phrases.local_time(one.created_at)),
    ]
    return Result(
        value=one,
        document=document(one),
        parts=[Record(fields=fields, title=one.reference)],
        notes=notes,
        exit_code=exit_code,
    )


def difference(found: EnvironmentDiff, *, used: Set[str] | None) -> Result:
    """What the notebook has beside what the environment has.

    Rows are what differs, and what is missing there and in `used` here (canonical names); None
    shows everything.
    """
    rows = [row for row in found.rows if used is None or _matters(row, used)]
    columns = [
        Column(title="Package", flexible=True),
        Column(title="Notebook has", right=True),
        Column(title=f"{found.environment} has", right=True),
        Column(title=""),
    ]
    empty = "Nothing that is in use here differs."
    if found.environment == KERNEL:
        empty = "The kernel's own interpreter is what the notebook has."
    parts = [Table(columns=columns, rows=[_difference(row) for row in rows], empty=empty)]
    notes = _left_out(found, rows)
    if not found.complete:
        notes.append("It is not built yet: what its requirements bring along is not known.")
    return Result(value=found, document=document(found), parts=parts, notes=notes)


def _matters(row: DiffRow, used: Set[str]) -> bool:
    canonical = row.package.lower().replace("_", "-").replace(".", "-")
    return row.status == "different" or (row.status == "missing" and canonical in used)


def _left_out(found: EnvironmentDiff, shown: Sequence[DiffRow]) -> list[str]:
    """How many rows are not shown, and why they matter less."""
    hidden = [row.status for row in found.rows if row not in shown]
    counts = [
        f"{hidden.count(status)} {words}"
        for status, words in (
            ("same", "are the same"),
            ("missing", "only here, and not in use"),
            ("extra", "only there"),
        )
        if status in hidden
    ]
    return [f"Of the other packages {', '.join(counts)}: --all shows them."] if counts else []


_WORDS = {"missing": "only here", "extra": "only there", "different": "differs", "same": ""}


def _difference(row: DiffRow) -> list[str]:
    return [row.package, row.notebook or "-", row.environment or "-", _WORDS[row.status]]
