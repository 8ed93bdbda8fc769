"""What a job becomes on an attached machine: its id there, its files, its command line.

A job's folder there looks like the one here (`tasks.Layout`), so what is sent and fetched keeps
its place: ``work``, ``inputs/NAME``, ``outputs/NAME``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from jupyter_aml.model.environment import KERNEL
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.job import CommandJob, Input, Job, NodeSpec, Output
from jupyter_aml.service.attached.protocol import Task
from jupyter_aml.service.backends.local.data import places
from jupyter_aml.service.backends.local.jobs import tasks
from jupyter_aml.service.backends.local.jobs.tasks import Layout

_OUTPUTS = "outputs"
_WORK = "work"

FETCHED = (_OUTPUTS, *(f"{_WORK}/{name}" for name in tasks.KEPT_FOLDERS))
"""What comes back when a job has ended, as far as it is there."""


def check(spec: NodeSpec, name: str) -> None:
    """Raise `Invalid` for what the attached machine `name` does not do."""
    if not isinstance(spec, CommandJob):
        kind = str(spec.__struct_config__.tag)
        raise Invalid(
            f"The attached machine {name} runs command jobs, and this is a {kind} job.",
            target="compute",
            hint="Put it into a script, and send that with a job file: `%aml job create -f job.yml "
            f"-c {name}`. Or take another compute. Nothing was started.",
        )
    if spec.environment != KERNEL:
        raise Invalid(
            f"The attached machine {name} runs jobs with the Python that is there: no environment "
            "is built on it.",
            target="environment",
            hint="Leave the environment out, and name the interpreter that has your packages when "
            "you attach the machine: --python /path/to/venv/bin/python. Nothing was started.",
        )
    if spec.distribution is not None:
        raise Invalid(
            f"The attached machine {name} starts one process of a job.",
            target="distribution",
            hint="Let the command itself start more, as torchrun does. Nothing was started.",
        )


def job_id(job: Job) -> str:
    """Of one attempt; the same for every service that takes it up."""
    return f"{job.name}-{job.attempt}"


def spec_of(job: Job) -> CommandJob:
    assert isinstance(job.spec, CommandJob)  # `check` took no other
    return job.spec


def files(job: Job, layout: Layout) -> dict[str, Path]:
    """What is sent: path there to path here. Code and copies of inputs were laid out before."""
    spec = spec_of(job)
    found = {_WORK: layout.work()} if spec.code is not None else {}
    for name, value in _sent(spec).items():
        here = Path(places.input_path(layout.folder, name, value))
        there = Path(places.input_path(Path(), name, _copied(value)))
        found[there.as_posix()] = here
    return found


def task(job: Job, folder: str) -> Task:
    """How it is started, with its files in `folder` there."""
    spec = spec_of(job)
    there = Layout(folder)
    sent = {name: _copied(value) for name, value in _sent(spec).items()}
    outputs = {name: Output(type=output.type) for name, output in spec.outputs.items()}
    moved = msgspec.structs.replace(spec, inputs={**spec.inputs, **sent}, outputs=outputs)
    env = {
        "PYTHONUNBUFFERED": "1",
        "AZUREML_RUN_ID": job.name,
        "AZUREML_ARM_PROJECT_NAME": spec.experiment_name,
        "JUPYTER_AML_JOB": job.name,
        "JUPYTER_AML_ATTEMPT": str(job.attempt),
        "JUPYTER_AML_FRAMES": f"{folder}/frames",
        **tasks.parameters(spec),
        **spec.environment_variables,
    }
    made = [_WORK, *FETCHED, *(f"{_OUTPUTS}/{name}" for name in spec.outputs)]
    return Task(command=tasks.command_line(moved, job, there), env=env, folders=made)


def _sent(spec: CommandJob) -> Mapping[str, Input]:
    """Inputs that travel: all data but the addresses that the job wants to read by itself."""
    return {
        name: value
        for name, value in places.inputs_of(spec).items()
        if not (places.is_web(value.path) and value.mode == "direct")
    }


def _copied(value: Input) -> Input:
    """`value` as a copy in the job's own folder, which is all that there is on another machine."""
    return msgspec.structs.replace(value, mode="download")
