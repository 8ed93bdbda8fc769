"""``az ml`` job files (commands, sweeps, pipelines) to a job, and back (`to_yaml`); notebooks.

Every field of Azure's schemas is understood; ``type: notebook`` is ours. What does
not happen on this machine becomes a warning that is stored with the job; what is no field at all
is refused.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from jupyter_aml.client import yamlfile
from jupyter_aml.client.jobdata import local_path, read_inputs, read_outputs
from jupyter_aml.client.jobenvironment import read_environment
from jupyter_aml.client.jobparts import (
    left_aside,
    read_code,
    read_compute,
    read_distribution,
    read_instance_count,
    read_timeout,
)
from jupyter_aml.client.pipelinefile import read_pipeline
from jupyter_aml.client.sweepfile import program_of, read_sweep
from jupyter_aml.client.yamlfile import Fields
from jupyter_aml.model import not_here, notebook
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.job import CommandJob, Input, NotebookJob, PipelineJob, SweepJob
from jupyter_aml.model.job_document import DEFAULT_EXPERIMENT, READ_ONLY, spec_document
from jupyter_aml.model.names import LOCAL, check_name

FileJob = CommandJob | NotebookJob | SweepJob | PipelineJob
"""The kinds of jobs that files describe."""

_ELSEWHERE = {
    "cell": "Cells run from notebooks: %%aml. A file has type: notebook, or type: command.",
    "parallel": "Make it a step of a pipeline: jobs: {NAME: {type: parallel, ...}}.",
}
"""Kinds that run, but not as a file of their own."""


def load(
    path: str, settings: Mapping[str, Any] | None = None, *, home: Path | None = None
) -> tuple[FileJob, str]:
    """The job of the file `path` ("-": standard input) and its name, "" if it has none.

    `settings` are what ``--set`` changes, by dotted path. Paths in the file are relative to it.
    """
    data, label, folder = yamlfile.load(path, settings)
    return from_document(data, folder, label=label, home=home)


def from_document(
    data: Mapping[str, Any], folder: Path, *, label: str = "job", home: Path | None = None
) -> tuple[FileJob, str]:
    """`data` as a job, and its name. Paths are relative to `folder`.

    An output whose path lies in the outputs of a job of `home` means the new job's own outputs:
    so a shown job can be run again.
    """
    try:
        return _job(Fields(dict(data), label), folder, home)
    except RecursionError:
        raise Invalid("The file contains itself.", target=label) from None


Inputs = Mapping[str, str | Mapping[str, Any]]
"""Names to references or paths, or to the fields that a job file has of an input."""


def of_notebook(
    path: str,
    parameters: Mapping[str, Any],
    inputs: Inputs,
    settings: Mapping[str, Any] | None = None,
) -> NotebookJob:
    """The notebook file `path` as a job. `settings` change any other field, as ``--set`` does."""
    told: dict[str, Any] = {
        "type": "notebook",
        "notebook": path,
        "parameters": dict(parameters),
        "inputs": {
            name: {"path": where} if isinstance(where, str) else dict(where)
            for name, where in inputs.items()
        },
    }
    data = yamlfile.change(told, settings or {})
    job, _ = from_document(data, Path.cwd(), label=Path(path).name)
    assert isinstance(job, NotebookJob)
    return job


def notebook_job(
    path: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    inputs: Inputs | None = None,
    compute: str = LOCAL,
    **fields: Any,
) -> NotebookJob:
    """A whole notebook as a job, for ``aml.connect().jobs.create``.

    `inputs` are data, as ``{"table": "azureml:digits:1"}``: each is a parameter that holds the
    path where the notebook runs. `fields` are those of a job file: ``display_name``, ``tags``,
    ``environment_variables``, ...
    Raise `Invalid` or `NotFound` for a file that cannot be run.
    """
    return of_notebook(path, parameters or {}, inputs or {}, {"compute": compute, **fields})


def to_yaml(job: CommandJob, name: str = "") -> dict[str, Any]:
    """`job` as the fields of a job file: `from_document` is its inverse."""
    return spec_document(job, name)


def _job(fields: Fields, folder: Path, home: Path | None) -> tuple[FileJob, str]:
    kind = _type(fields)
    program = program_of(fields) if kind == "sweep" else fields
    name = fields.text("name")
    if name:
        check_name("job", name)
    warnings = _stored_warnings(fields)
    if kind == "notebook":
        asked = _notebook(fields, folder, warnings)
    elif kind == "pipeline":
        asked = read_pipeline(fields, folder, home, warnings)
    else:
        inputs = read_inputs(fields, folder, warnings)
        asked: dict[str, Any] = {"command": _command(program), "inputs": inputs}
    if kind == "sweep":
        asked |= read_sweep(fields)
    common = _common(fields, program, folder, home, name, warnings)
    left_aside(fields, not_here.JOB, warnings)
    for key in READ_ONLY:
        fields.take(key)
    fields.finish()
    program.finish()
    job = _MADE[kind](**{**common, **asked}, warnings=list(dict.fromkeys(warnings)))
    _check_environment_variables(fields, job)
    return job, name


def _common(
    fields: Fields,
    program: Fields,
    folder: Path,
    home: Path | None,
    name: str,
    warnings: list[str],
) -> dict[str, Any]:
    """What every kind of job has. `program` holds what runs: the file itself, or its trial."""
    environment, content = read_environment(program, folder, warnings)
    return {
        "display_name": _display_name(fields, name),
        "description": fields.text("description"),
        "experiment_name": fields.text("experiment_name") or DEFAULT_EXPERIMENT,
        "tags": fields.texts("tags"),
        "properties": fields.texts("properties"),
        "code": read_code(program, folder),
        "environment": environment,
        "environment_content": content,
        "environment_variables": program.texts("environment_variables"),
        "compute": read_compute(fields) or LOCAL,
        "outputs": read_outputs(fields, folder, home, warnings),
        "distribution": read_distribution(program),
        "instance_count": _instances(fields, program, warnings),
        "timeout": read_timeout(fields),
        "retries": _retries(fields),
        "python": program.text("python") or sys.executable,
        "cwd": fields.text("cwd"),
    }


def _notebook(fields: Fields, folder: Path, warnings: list[str]) -> dict[str, Any]:
    """The notebook's text and parameters; its outputs do not travel."""
    told = fields.text("notebook")
    if not told:
        fields.refuse("notebook", "is missing: which file is to run", "As in  notebook: a.ipynb")
    path = local_path(told, folder)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        fields.refuse("notebook", f"cannot be read: {getattr(error, 'strerror', None) or error}")
    document = notebook.read(text, str(path))
    given: Any = fields.take("parameters")
    if not isinstance(given, dict | None):
        fields.refuse("parameters", "has a name and a value for each parameter")
    return {
        "content": json.dumps(notebook.without_outputs(document), ensure_ascii=False),
        "parameters": cast("dict[str, Any]", given or {}),
        "inputs": _data_of_notebook(fields, folder, warnings),
        "notebook": str(path),
    }


def _data_of_notebook(fields: Fields, folder: Path, warnings: list[str]) -> dict[str, Input]:
    found: dict[str, Input] = {}
    for name, value in read_inputs(fields, folder, warnings).items():
        if not isinstance(value, Input):
            fields.refuse(f"inputs.{name}", "is no data", f"Write it as  parameters: {{{name}: …}}")
        found[name] = value
    return found


def _placed_notebook(**known: Any) -> NotebookJob:
    """It runs in the notebook's folder: there on ``local``, in a snapshot of it elsewhere."""
    known["outputs"].pop(notebook.OUTPUT, None)  # of a shown job: it makes its own
    if not known["code"] and not known["cwd"]:
        key = "cwd" if known["compute"] == LOCAL else "code"
        known[key] = str(Path(known["notebook"]).parent)
    return NotebookJob(**known)


def _made_pipeline(**known: Any) -> PipelineJob:
    """It runs nowhere itself: its steps do."""
    del known["cwd"]
    return PipelineJob(**known)


_MADE: dict[str, Callable[..., FileJob]] = {
    "command": CommandJob,
    "notebook": _placed_notebook,
    "sweep": SweepJob,
    "pipeline": _made_pipeline,
}


def _type(fields: Fields) -> str:
    """What kind of job it is: "command" unless it says otherwise."""
    fields.take("$schema")
    kind = fields.kind((*_MADE, *_ELSEWHERE), "Jobs")
    if kind in _ELSEWHERE:
        fields.refuse("type", f"cannot be {kind!r} here", _ELSEWHERE[kind])
    return kind or ("pipeline" if "jobs" in fields else "command")


def _display_name(fields: Fields, name: str) -> str:
    """ "" where it is the name itself, as which a job without one is shown."""
    text = fields.text("display_name")
    return "" if text == name else text


def _command(fields: Fields) -> str:
    command = fields.text("command")
    if "component" in fields:
        fields.refuse("component", "is not understood here", "Write its command into this file.")
    if not command.strip():
        fields.refuse("command", "is missing: what is to run", "As in  command: python train.py")
    return command


def _instances(fields: Fields, program: Fields, warnings: list[str]) -> int:
    """A sweep says it beside its trial or in it."""
    counts = [read_instance_count(one, warnings) or 1 for one in dict.fromkeys((program, fields))]
    return max(counts)


def _retries(fields: Fields) -> int:
    """``retries``, or what Azure's parallel jobs call ``retry_settings.max_retries``."""
    retries = fields.integer("retries", 0, 100)
    inner = fields.fields("retry_settings")
    if inner is None:
        return retries or 0
    more = inner.integer("max_retries", 0, 100)
    inner.finish()
    return retries if retries is not None else more or 0


def _stored_warnings(fields: Fields) -> list[str]:
    """Those of a shown job, which are part of what it is."""
    stored = fields.take("warnings")
    if stored is None:
        return []
    if not isinstance(stored, list):
        fields.refuse("warnings", "is a list of texts")
    return [str(item) for item in cast("list[object]", stored)]


def _check_environment_variables(fields: Fields, job: FileJob) -> None:
    for name in job.environment_variables:
        if not name or "=" in name or "\0" in name:
            fields.refuse("environment_variables", f"cannot hold a variable {name!r}")
