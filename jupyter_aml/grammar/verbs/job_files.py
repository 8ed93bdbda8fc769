"""What a job left behind: its files and its metrics."""

from __future__ import annotations

from jupyter_aml.grammar import phrases
from jupyter_aml.grammar.language import Call
from jupyter_aml.grammar.result import Column, Result, Table
from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.model.event import Event


def download(call: Call) -> Result:
    name, output = call["name"], call["output_name"]
    if output and call["all"]:
        raise Invalid("--all and --output-name cannot be given together.", target="--all")
    jobs = call.client.jobs
    files = jobs.files(name).value
    if output:
        prefix = f"outputs/{output}"
        files = [f for f in files if f.path == prefix or f.path.startswith(f"{prefix}/")]
        if not files:
            raise NotFound(
                f"Job {name!r} left nothing in an output {output!r}.",
                target=output,
                hint=f"See its outputs: {call.command(f'job show {name}')}",
            )
    folder = call["download_path"] or name
    contents = ((file.path, jobs.read(name, file.path)) for file in files)
    saved = call.surface.machine.save(folder, contents)
    total = sum(file.bytes for file in files)
    count = phrases.plural(len(saved), "file")
    return Result(
        value=saved,
        document={"name": name, "download_path": folder, "files": [f.path for f in files]},
        notes=[f"Copied {count} ({phrases.size(total)}) to {folder}."],
    )


def metrics(call: Call) -> Result:
    """Every value, oldest first, and for people the last of each name."""
    events = [e for e in call.client.jobs.follow(call["name"], wait=False) if e.kind == "metric"]
    values = [
        {"name": event.name, "value": event.value, "step": event.step, "time": event.time}
        for event in events
    ]
    last = {event.name: event for event in events}
    columns = [
        Column(title="Metric", flexible=True),
        Column(title="Last", right=True),
        Column(title="Step", right=True),
        Column(title="Values", right=True),
        Column(title="Smallest", right=True),
        Column(title="Largest", right=True),
    ]
    rows = [_row(name, events) for name in last]
    table = Table(columns=columns, rows=rows, empty=f"{call['name']} logged no metric.")
    return Result(value=values, document=values, parts=[table])


def _row(name: str, events: list[Event]) -> list[str]:
    mine = [event for event in events if event.name == name]
    values = [event.value for event in mine if event.value is not None]
    step = mine[-1].step
    return [
        name,
        phrases.number(values[-1]) if values else "",
        "" if step is None else str(step),
        str(len(mine)),
        phrases.number(min(values)) if values else "",
        phrases.number(max(values)) if values else "",
    ]
