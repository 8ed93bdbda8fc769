"""A wait as people read it: each stage with its time, why, and what is usual here."""

from __future__ import annotations

from jupyter_aml.grammar import phrases
from jupyter_aml.model.waiting import UsualStart, Wait, WaitStage

_WORDS = {
    "queued": "Queued",
    "node": "Starting a node",
    "snapshot": "Laying out the code",
    "environment": "Building the environment",
    "process": "Starting the process",
    "running": "Running",
    "outputs": "Collecting outputs",
}
_SLOW = "slower than 95 % of your starts"


def fields(wait: Wait | None) -> list[tuple[str, str]]:
    """Of a job that waits; nothing for one that runs."""
    if wait is None or not wait.waiting:
        return []
    stages = "\n".join(_stage(stage) for stage in wait.stages)
    found = [("Waits", stages), ("Start", phrases.usual(wait.usual_low, wait.usual_high))]
    if wait.slower:
        found.append(("Slow", f"{_SLOW}: {wait.likely}".rstrip(": ")))
    if wait.alternative is not None:
        price = phrases.rate(wait.alternative.price_per_hour)
        words = f"{wait.alternative.label} ({wait.alternative.value})"
        found.append(("Instead", f"{words}, would be {price}" if price else words))
    return found


def in_short(wait: Wait) -> str:
    """A few words for a line that changes in place; empty while nothing is known."""
    if not wait.waiting:
        return ""
    if wait.slower:
        return f"{_SLOW}: {wait.likely}".rstrip(": ")
    return phrases.usual(wait.usual_low, wait.usual_high)


def start(usual: UsualStart | None) -> str:
    """``starts in 2 to 4 min, usually``; empty while nothing is known."""
    if usual is None:
        return ""
    how = "waits for its turn, " if usual.situation == "busy" else "starts, "
    return how + phrases.usual(usual.low, usual.high)


def _stage(stage: WaitStage) -> str:
    words = _WORDS[stage.name]
    usual = phrases.usual(stage.usual_low, stage.usual_high)
    if stage.state == "ahead":
        return f"{words}: {usual or 'not reached'}"
    facts = [phrases.duration(stage.seconds), usual, stage.reason if stage.state != "done" else ""]
    return f"{words}: {', '.join(filter(None, facts))}"
