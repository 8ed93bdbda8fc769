"""A diagnosis as people read it: cause, place, fix, in this order."""

from __future__ import annotations

from jupyter_aml.grammar import phrases
from jupyter_aml.model.diagnosis import CodePlace, Diagnosis
from jupyter_aml.model.fix import Fix

_STAGES = {
    "queued": "starts from the beginning",
    "node": "starts again with a node",
    "snapshot": "starts again with the code folder",
    "environment": "starts again with the environment",
    "process": "starts again with its process",
    "running": "starts again where it ran",
    "outputs": "starts again with its outputs",
}
"""Where a job begins after a fix: what lies before it is kept."""


def fields(found: Diagnosis | None) -> list[tuple[str, str]]:
    """Nothing where no rule was sure."""
    if found is None:
        return []
    told = [
        ("Cause", found.cause),
        ("Where", place(found.where) if found.where else ""),
        ("Fix", "\n".join(fix(one) for one in found.fixes)),
    ]
    return [(title, text) for title, text in told if text]


def place(where: CodePlace) -> str:
    """The line with those around it, as `job show` prints them."""
    name = where.file or (
        f"cell [{where.execution_count}]" if where.execution_count else "the cell"
    )
    head = f"{name}, line {where.line}"
    if not where.lines:
        return f"{head}: {where.text}".rstrip(": ")
    marked = (f"{'>' if one.marked else ' '} {one.number:>3} {one.text}" for one in where.lines)
    return "\n".join([head, *marked])


def fix(way: Fix) -> str:
    """What it does and, where it can be typed, what to type."""
    words = way.label.removesuffix("…")
    if way.kind in ("edit", "command") and way.value not in words:
        words += f": {way.value}"
    if way.price_per_hour:
        words += f" (would be {phrases.rate(way.price_per_hour)})"
    if way.restarts_at is not None:
        words += f"; {_STAGES[way.restarts_at]}"
    return words


def hint(found: Diagnosis) -> str:
    """One line for an error: the first thing to type; empty if there is none."""
    return next((fix(one) for one in found.fixes if one.kind != "open"), "")
