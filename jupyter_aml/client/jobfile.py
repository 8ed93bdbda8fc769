"""``az ml`` command-job and sweep YAML to a job, and back (`to_yaml`); notebooks with parameters.

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
from jupyter_aml.client.sweepfile import program_of, read_sweep
from jupyter_aml.client.yamlfile import Fields
from jupyter_aml.model import not_here, notebook
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.job import CommandJob, Distribution, NotebookJob, SweepJob
from jupyter_aml.model.job_document import DEFAULT_EXPERIMENT, READ_ONLY, spec_document
from jupyter_aml.model.names import LOCAL, check_name

FileJob = CommandJob | NotebookJob | SweepJob
"""The kinds of jobs that files describe."""

OTHER_TYPES = ("pipeline", "spark", "automl", "parallel", "import", "cell")


def load(
    path: str, settings: Mapping[str, Any] | None = None, *, home: Path | None = None
) -> tuple[FileJob, str]:
    """The job of the file `path` ("-": standard input) and its name, "" if it has none.

    `settings` are what ``--set`` changes, by dotted path. Paths in the file are relative to it.
    """
    text, folder = yamlfile.read(path)
    label = "standard input" if path == yamlfile.STDIN else Path(path).name
    data = yamlfile.change(yamlfile.parse(text, label), settings or {})
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


def of_notebook(
    path: str, parameters: Mapping[str, Any], settings: Mapping[str, Any] | None = None
) -> NotebookJob:
    """The notebook file `path` as a job. `settings` change any other field, as ``--set`` does."""
    told = {"type": "notebook", "notebook": path, "parameters": dict(parameters)}
    data = yamlfile.change(told, settings or {})
    job, _ = from_document(data, Path.cwd(), label=Path(path).name)
    assert isinstance(job, NotebookJob)
    return job


def notebook_job(
    path: str, parameters: Mapping[str, Any] | None = None, *, compute: str = LOCAL, **fields: Any
) -> NotebookJob:
    """A whole notebook as a job, for ``aml.connect().jobs.create``.

    `fields` are those of a job file: ``display_name``, ``tags``, ``environment_variables``, ...
    Raise `Invalid` or `NotFound` for a file that cannot be run.
    """
    return of_notebook(path, parameters or {}, {"compute": compute, **fields})


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
        asked = _notebook(fields, folder)
    else:
        inputs = read_inputs(fields, folder, warnings)
        asked: dict[str, Any] = {"command": _command(program), "inputs": inputs}
    if kind == "sweep":
        asked |= read_sweep(fields)
    common = _common(fields, program, folder, home, name, warnings)
    _left_aside(fields, not_here.JOB, warnings)
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
        "code": _code(program, folder),
        "environment": environment,
        "environment_content": content,
        "environment_variables": program.texts("environment_variables"),
        "compute": _compute(fields),
        "outputs": read_outputs(fields, folder, home, warnings),
        "distribution": _distribution(program),
        "instance_count": _instances(fields, program, warnings),
        "timeout": _timeout(fields),
        "retries": _retries(fields),
        "python": program.text("python") or sys.executable,
        "cwd": fields.text("cwd"),
    }


def _notebook(fields: Fields, folder: Path) -> dict[str, Any]:
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
        "notebook": str(path),
    }


def _placed_notebook(**known: Any) -> NotebookJob:
    """It runs in the notebook's folder: there on ``local``, in a snapshot of it elsewhere."""
    known["outputs"].pop(notebook.OUTPUT, None)  # of a shown job: it makes its own
    if not known["code"] and not known["cwd"]:
        key = "cwd" if known["compute"] == LOCAL else "code"
        known[key] = str(Path(known["notebook"]).parent)
    return NotebookJob(**known)


_MADE: dict[str, Callable[..., FileJob]] = {
    "command": CommandJob,
    "notebook": _placed_notebook,
    "sweep": SweepJob,
}


def _type(fields: Fields) -> str:
    """What kind of job it is: "command" unless it says otherwise."""
    fields.take("$schema")
    kind = fields.text("type").lower()
    if not kind and "jobs" in fields:
        kind = "pipeline"
    if kind in OTHER_TYPES:
        what = f"cannot be {kind!r} here: command, sweep and notebook jobs run from files"
        fields.refuse("type", what, "Write type: command.")
    if kind not in ("", *_MADE):
        fields.refuse("type", f"cannot be {kind!r}", f"It is one of {', '.join(_MADE)}.")
    return kind or "command"


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


def _code(fields: Fields, folder: Path) -> str | None:
    code = fields.text("code")
    if not code or code.startswith("snapshot:"):
        return code or None
    if "://" in code or code.startswith(("azureml:", "git+", "git@")):
        fields.refuse("code", f"is not on this machine: {code}", "Clone it, and name the folder.")
    path = local_path(code, folder)
    if not path.is_dir():
        what = "is a file" if path.exists() else "does not exist"
        fields.refuse("code", f"names a folder; {path} {what}")
    return str(path)


def _compute(fields: Fields) -> str:
    """The compute's name, of any way that Azure has to write it."""
    text = fields.text("compute").removeprefix("azureml:")
    name = text.rstrip("/").rpartition("/")[2]
    if text and not name:
        fields.refuse("compute", f"names no compute: {text!r}")
    return name or "local"


def _distribution(fields: Fields) -> Distribution | None:
    inner = fields.fields("distribution")
    if inner is None:
        return None
    if inner.text("distribution_type"):
        inner.refuse("distribution_type", "is called `type` in a file")
    kind = inner.choice("type", ("pytorch", "tensorflow", "mpi"))
    if not kind:
        inner.refuse("type", "is missing", "It is one of pytorch, tensorflow, mpi.")
    counts: dict[str, int | None] = {}
    if kind == "tensorflow":
        counts["worker_count"] = inner.integer("worker_count", 0, 10_000)
        counts["parameter_server_count"] = inner.integer("parameter_server_count", 0, 10_000)
    else:
        key = "process_count_per_instance"
        counts[key] = inner.integer(key, 1, 64)
    inner.finish()
    given = {key: value for key, value in counts.items() if value is not None}
    return Distribution(type=cast("Any", kind), **given)


def _instances(fields: Fields, program: Fields, warnings: list[str]) -> int:
    """A sweep says it beside its trial or in it."""
    counts = [_resources(one, warnings) for one in dict.fromkeys((program, fields))]
    return max(counts)


def _resources(fields: Fields, warnings: list[str]) -> int:
    inner = fields.fields("resources")
    if inner is None:
        return 1
    count = inner.integer("instance_count", 1, 100)
    _left_aside(inner, not_here.RESOURCES, warnings)
    inner.finish()
    return count or 1


def _timeout(fields: Fields) -> float | None:
    inner = fields.fields("limits")
    if inner is None:
        return None
    seconds = inner.number("timeout")
    if seconds is not None and not 0 < seconds < 10 * 365 * 86_400:
        inner.refuse("timeout", f"is a number of seconds above 0, and cannot be {seconds:g}")
    inner.finish()
    return seconds


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


def _left_aside(fields: Fields, not_here: Mapping[str, str], warnings: list[str]) -> None:
    for key, sentence in not_here.items():
        if fields.take(key):
            warnings.append(f"{sentence}.")


def _check_environment_variables(fields: Fields, job: FileJob) -> None:
    for name in job.environment_variables:
        if not name or "=" in name or "\0" in name:
            fields.refuse("environment_variables", f"cannot hold a variable {name!r}")
