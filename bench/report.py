"""What a run says: tables in Markdown under build/bench, the same as JSON, and the verdicts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bench.figures import Spread, Target
from bench.rounds import Outcome

FOLDER = Path("build/bench")
_HEAD = ("what", "measured", "gate", "aim", "verdict")


def write(outcomes: Sequence[Outcome], machine: Mapping[str, str]) -> str:
    """Write every file; return the summary: the targets of all groups."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for outcome in outcomes:
        (FOLDER / f"{outcome.group.name}.md").write_text(group_text(outcome))
    summary = summary_text(outcomes, machine)
    (FOLDER / "summary.md").write_text(summary)
    data = {"machine": dict(machine), "groups": [_as_json(outcome) for outcome in outcomes]}
    (FOLDER / "results.json").write_text(json.dumps(data, indent=1))
    return summary


def group_text(outcome: Outcome) -> str:
    """One group: every way with every figure, then the targets."""
    group = outcome.group
    parts = [f"## {group.title}", _ways(outcome)]
    parts += [f"{note}" for note in group.notes]
    parts += [f"Missing: {way}: {why}" for way, why in outcome.failures.items()]
    if group.targets:
        parts.append(_targets(outcome))
    return "\n\n".join(parts) + "\n"


def summary_text(outcomes: Sequence[Outcome], machine: Mapping[str, str]) -> str:
    """The machine, and what became of each target."""
    lines = [f"- {key}: {value}" for key, value in machine.items()]
    tables = [_targets(outcome) for outcome in outcomes if outcome.group.targets]
    head = "# Targets\n\nmedian (least..greatest) over the rounds; x: ratio inside a round"
    return "\n\n".join([head, "\n".join(lines), *tables]) + "\n"


def _ways(outcome: Outcome) -> str:
    figures = list(dict.fromkeys(figure for _, figure in outcome.samples))
    rows: list[list[str]] = []
    for way in outcome.group.ways:
        spreads = [Spread.of(outcome.samples.get((way.name, figure), [])) for figure in figures]
        if any(spreads):
            cells = [str(spread) if spread else "" for spread in spreads]
            rows.append([way.name, way.mode, *cells])
    return _table(["way", "process", *figures], rows)


def _targets(outcome: Outcome) -> str:
    rows = [_target(target, outcome) for target in outcome.group.targets]
    return _table([f"{outcome.group.title}", *_HEAD[1:]], rows)


def _target(target: Target, outcome: Outcome) -> list[str]:
    spread = target.spread(outcome.samples)
    measured = f"{spread}" if spread else "not measured"
    gate, aim = target.bound(target.gate), target.bound(target.aim)
    return [target.what, measured, gate, aim, target.verdict(outcome.samples)]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _as_json(outcome: Outcome) -> dict[str, object]:
    samples = [
        {"way": way, "figure": figure, "rounds": values}
        for (way, figure), values in outcome.samples.items()
    ]
    targets = [
        dict(zip(_HEAD, _target(target, outcome), strict=True)) for target in outcome.group.targets
    ]
    return {
        "name": outcome.group.name,
        "seconds": round(outcome.seconds, 1),
        "samples": samples,
        "targets": targets,
        "missing": outcome.failures,
    }
