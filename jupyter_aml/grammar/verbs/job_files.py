"""What a job left behind: its files and its metrics."""

from __future__ import annotations

from jupyter_aml.grammar import phrases
from jupyter_aml.grammar.language import Call
from jupyter_aml.grammar.result import Column, Result, Table
from jupyter_aml.grammar.views import metrics as view
from jupyter_aml.grammar.views import pipeline, sweep
from jupyter_aml.model.errors import Conflict, Invalid, NotFound
from jupyter_aml.model.job import CellJob, Job
from jupyter_aml.model.lifecycle import JOB


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


def fetch(call: Call) -> Result:
    """Variables of a finished cell, into the notebook."""
    job = call.client.jobs.get(call["name"])
    sizes = _left(call, job)
    named = [name for names in call["variables"] for name in names]
    wanted = list(dict.fromkeys(named)) or list(sizes)
    missing = [name for name in wanted if name not in sizes]
    if missing:
        kept = job.result.kept if job.result else {}
        why = [f"{name}: {kept[name]}." for name in missing if name in kept]
        raise NotFound(
            f"Job {job.name} left no variable {', '.join(missing)}.",
            target=job.name,
            hint=" ".join([f"It left: {', '.join(sizes)}.", *why]),
        )
    call.surface.fetch(job.name, wanted)
    rows = [[name, phrases.size(sizes[name])] for name in wanted]
    columns = [Column(title="Variable", flexible=True), Column(title="Size", right=True)]
    return Result(
        value=wanted,
        document={"name": job.name, "variables": wanted},
        parts=[Table(columns=columns, rows=rows)],
        notes=[f"Brought {phrases.plural(len(wanted), 'variable')} of {job.name} here."],
    )


def _left(call: Call, job: Job) -> dict[str, int]:
    """The variables that `job` left, with their bytes. Raise what keeps it from having any."""
    name = job.name
    files = call.command(f"job download {name}")
    if not isinstance(job.spec, CellJob):
        raise Invalid(
            f"Job {name} ran no cell, so it left files and no variables.",
            target=name,
            hint=f"Copy its files: {files}",
        )
    if job.status not in JOB.final:
        raise Conflict(
            f"Job {name} has not ended: it is {job.status}.",
            target=name,
            hint=f"Wait for its end: {call.command(f'job stream {name}')}",
        )
    if job.result is None or not job.result.names:
        raise NotFound(
            f"Job {name} left no variables.",
            target=name,
            hint=f"It is {job.status}. What it wrote: {files}",
        )
    return job.result.names


def steps(call: Call) -> Result:
    """Of a pipeline."""
    return pipeline.shown(call.client.jobs.steps(call["name"]), call.surface.now())


def trials(call: Call) -> Result:
    """Of a sweep."""
    return sweep.shown(call.client.jobs.trials(call["name"]), call.surface.now())


def metrics(call: Call) -> Result:
    """Of `aml.log` and of MLflow: every value for scripts, the last of each for people."""
    found = call.client.jobs.metrics(call["name"])
    return view.shown(found, empty=f"{call['name']} logged no metric.")
