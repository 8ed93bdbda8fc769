"""``job check``: what a job file would cost and meet, without running it."""

from __future__ import annotations

from jupyter_aml.grammar import options
from jupyter_aml.grammar.language import Call, Verb
from jupyter_aml.grammar.result import Result
from jupyter_aml.grammar.views import preflight
from jupyter_aml.model.preflight import CheckJob

JOB_FILE = "The job file (YAML); - reads standard input."


def _check(call: Call) -> Result:
    spec, name = call.surface.machine.read_job(call["file"], dict(call["set"]))
    return preflight.shown(call.client.jobs.preflight(CheckJob(spec=spec)), title=name)


CHECK = Verb(
    name="check",
    summary="Show what a job file would cost, take along and meet. Nothing is started.",
    details="Ends with 1 if something has to be fixed before it can run. A cell: %%aml --check.",
    run=_check,
    options=(
        options.file(JOB_FILE, positional=True, required=True),
        options.field_of_file("compute=cpu-cluster"),
    ),
    examples=("job check -f job.yml",),
)
