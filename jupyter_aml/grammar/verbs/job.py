"""``job``: what was asked to run, and what became of it."""

from __future__ import annotations

from jupyter_aml.grammar import options
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.kinds import (
    DATA,
    FILE,
    FOLDER,
    JOB_NAME,
    PARAMETER,
    VARIABLES,
    Kind,
)
from jupyter_aml.grammar.language import NO_WAIT, Call, Noun, Option, Verb
from jupyter_aml.grammar.playback import play
from jupyter_aml.grammar.result import Result
from jupyter_aml.grammar.verbs.job_check import CHECK, JOB_FILE
from jupyter_aml.grammar.verbs.job_files import download, fetch, metrics, steps, trials
from jupyter_aml.grammar.verbs.job_update import UPDATE
from jupyter_aml.grammar.views import diagnosis, waits
from jupyter_aml.grammar.views import job as view
from jupyter_aml.model.errors import Invalid, from_body
from jupyter_aml.model.job import Job, JobSpec, JobSummary
from jupyter_aml.model.lifecycle import JOB, JOB_ACTIVE
from jupyter_aml.model.names import LOCAL

EXIT_CODES = {"Completed": 0, "Failed": 1, "Canceled": 5}
PAGE = 200
"""How many jobs are asked for at a time, when more are wanted."""

_NAME = options.name_of("job")


def _list(call: Call) -> Result:
    query = call.given("status", "compute", "experiment_name")
    if call["include_archived"]:
        query["include_archived"] = True
    found: list[JobSummary] = []
    after, wanted = "", call["max_results"]
    while len(found) < wanted:
        size = min(PAGE, wanted - len(found))
        page = call.client.jobs.list(max_results=size, after=after, **query)
        found += page.value
        after = page.next
        if not after:
            break
    more = [f"There are more: --max-results {2 * wanted}."] if after else []
    jobs = view.table(found, call.surface.now(), empty="No jobs.")
    return Result(value=found, document=document(found), parts=[jobs], notes=more)


def _show(call: Call) -> Result:
    job = call.client.jobs.get(call["name"])
    waiting = job.status in JOB_ACTIVE and job.started_at is None
    wait = call.client.jobs.wait(job.name) if waiting else None
    return view.shown(job, call.surface.now(), wait=wait)


def _create(call: Call) -> Result:
    spec, name = _asked(call)
    job = call.client.jobs.create(spec, name=call["name"] or name)
    for warning in dict.fromkeys([*job.spec.warnings, *job.warnings]):
        call.surface.note(f"Note: {warning}")
    if call["stream"]:
        return followed(call, job.name)
    return view.shown(job, call.surface.now())


def _asked(call: Call) -> tuple[JobSpec, str]:
    """The job of the file or of the notebook, and the name that the file gives it."""
    machine, settings = call.surface.machine, dict(call["set"])
    if call["compute"]:
        settings["compute"] = call["compute"]
    if call["notebook"] is None:
        for key in ("parameters", "input"):
            if call[key]:
                raise Invalid(
                    f"--{key} is a notebook's.",
                    target=f"--{key}",
                    hint="Change a field of the job file with --set.",
                )
        return machine.read_job(call["file"], settings)
    if "compute" not in settings:
        settings["compute"] = call.client.preferences.get().default_compute or LOCAL
    parameters, inputs = dict(call["parameters"]), dict(call["input"])
    return machine.read_notebook(call["notebook"], parameters, inputs, settings), ""


def _stream(call: Call) -> Result:
    return followed(call, call["name"])


def followed(call: Call, name: str) -> Result:
    """Show the job's output from its first line to its end."""
    if words := waits.in_short(call.client.jobs.wait(name)):
        call.surface.note(f"It waits, {words}.")
    try:
        play(call.client.jobs.follow(name), call.surface)
    except KeyboardInterrupt:
        call.surface.note(f"Job {name} goes on. End it: {call.command(f'job cancel {name}')}")
        raise
    job = call.client.jobs.get(name)
    if job.error is not None:
        call.surface.stderr(f"{from_body(job.error)}\n")
    for title, text in diagnosis.fields(job.diagnosis):
        call.surface.stderr(f"{title}: {text}\n")
    return Result(value=job, document=document(job), exit_code=EXIT_CODES.get(job.status, 1))


def _cancel(call: Call) -> Result:
    job = call.client.jobs.cancel(call["name"])
    if job.status not in JOB_ACTIVE or call["no_wait"]:
        return view.shown(job, call.surface.now())
    for _ in call.client.jobs.follow(job.name, after=job.last_seq):
        pass  # ends with the event that carries the final status
    return view.shown(call.client.jobs.get(job.name), call.surface.now())


def _archived(job: Job, what: str) -> Result:
    return Result(value=job, document=document(job), notes=[f"{what} {job.name}."])


JOB_NOUN = Noun(
    name="job",
    summary="What was asked to run, and what became of it.",
    verbs=(
        Verb(
            name="list",
            summary="List jobs, newest first.",
            run=_list,
            options=(
                options.max_results(50, "How many to list"),
                Option(
                    flags=("--status",),
                    kind=Kind.choice("active", *JOB.states),
                    help="Only jobs of this status; `active` are all that have not ended.",
                ),
                options.compute("Only jobs of this compute."),
                Option(
                    flags=("--experiment-name", "-e"),
                    help="Only jobs of this experiment.",
                    completes="experiment",
                ),
                Option(flags=("--include-archived",), kind=None, help="Archived jobs as well."),
            ),
        ),
        Verb(name="show", summary="Show one job.", run=_show, options=(_NAME,)),
        CHECK,
        Verb(
            name="create",
            summary="Run an az ml job file (command, sweep or pipeline), or a whole notebook.",
            details=(
                "Returns when the job is on disk: from then on no crash loses it. The same name "
                "with the same content is the same job."
            ),
            run=_create,
            one_of=("file", "notebook"),
            options=(
                options.file(JOB_FILE, positional=True),
                Option(
                    flags=("--notebook",),
                    kind=FILE,
                    help="A notebook to run from its first cell to its last, instead of a file.",
                ),
                Option(
                    flags=("--parameters", "-p"),
                    kind=PARAMETER,
                    repeat=True,
                    help="Values set after the notebook's cell tagged `parameters`: -p rate=0.1.",
                ),
                Option(
                    flags=("--input",),
                    kind=DATA,
                    repeat=True,
                    help="Data for the notebook: --input table=azureml:digits:1 sets a parameter "
                    "that holds the path. A path of this machine does as well.",
                ),
                options.compute("Where it runs, instead of the file's own compute."),
                Option(
                    flags=("--name", "-n"),
                    kind=JOB_NAME,
                    help="Its name, instead of the file's; by default one is made up.",
                ),
                options.field_of_file("inputs.rate=0.1"),
                Option(
                    flags=("--stream", "-s"),
                    kind=None,
                    help="Show its output until it ends.",
                ),
            ),
            examples=(
                "job create -f job.yml",
                "job create -f job.yml --set inputs.rate=0.1 --set compute=cpu-cluster --stream",
                "job create --notebook train.ipynb -p rate=0.1 -c cpu-cluster --stream",
                "job create --notebook train.ipynb --input table=azureml:digits@latest",
            ),
        ),
        Verb(
            name="stream",
            summary="Show its output from the first line until it ends.",
            details="Ends with 0 if the job completed, 1 if it failed, 5 if it was canceled.",
            run=_stream,
            options=(_NAME,),
        ),
        Verb(
            name="cancel",
            summary="Cancel it, and wait until it has really stopped.",
            run=_cancel,
            options=(_NAME, NO_WAIT),
        ),
        UPDATE,
        Verb(
            name="download",
            summary="Copy the files that it left: outputs, new files, logs.",
            run=download,
            options=(
                _NAME,
                Option(
                    flags=("--download-path", "-p"),
                    kind=FOLDER,
                    help="Where to; by default a folder named after the job.",
                ),
                Option(flags=("--output-name",), help="Only this output."),
                Option(flags=("--all",), kind=None, help="Everything, which is the default."),
            ),
        ),
        Verb(
            name="fetch",
            summary="Bring variables that a finished cell left into this notebook.",
            details="All of them, however large, unless some are named. Only in a notebook.",
            run=fetch,
            options=(
                _NAME,
                Option(
                    flags=("--variables",),
                    kind=VARIABLES,
                    repeat=True,
                    positional=True,
                    help="Which ones: a,b.",
                ),
            ),
            examples=("job fetch maple_river_7k2m9qx4hd model,scores",),
        ),
        Verb(
            name="metrics",
            summary="Show the metrics that it logged.",
            run=metrics,
            options=(_NAME,),
        ),
        Verb(
            name="steps",
            summary="Show the steps of a pipeline: what each needs, and what became of it.",
            run=steps,
            options=(_NAME,),
        ),
        Verb(
            name="trials",
            summary="Show the trials of a sweep, the best one marked.",
            run=trials,
            options=(_NAME,),
        ),
        Verb(
            name="archive",
            summary="Hide it from lists.",
            run=lambda call: _archived(call.client.jobs.archive(call["name"]), "Archived"),
            options=(_NAME,),
        ),
        Verb(
            name="restore",
            summary="Show it in lists again.",
            run=lambda call: _archived(call.client.jobs.restore(call["name"]), "Restored"),
            options=(_NAME,),
        ),
    ),
)
