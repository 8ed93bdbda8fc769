"""``batch-endpoint``: names that files are sent to; a call is a job."""

from __future__ import annotations

from jupyter_aml.grammar import options
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.kinds import ENDPOINT_NAME, JOB_NAME, NAME, Kind
from jupyter_aml.grammar.language import YES, Call, Noun, Option, Verb
from jupyter_aml.grammar.result import Result
from jupyter_aml.grammar.verbs.from_file import check_described, of_file
from jupyter_aml.grammar.verbs.job import followed
from jupyter_aml.grammar.views import batch as view
from jupyter_aml.grammar.views import job as job_view
from jupyter_aml.model.batch import CreateBatchEndpoint, InvokeBatch, UpdateBatchEndpoint
from jupyter_aml.model.errors import Invalid

_NAME = options.name_of("batch endpoint")
_DESCRIPTION = Option(flags=("--description", "-d"), help="What it is for.")


def _list(call: Call) -> Result:
    found = call.client.batch_endpoints.list().value
    empty = f"No batch endpoints. Make one: {call.command('batch-endpoint create NAME')}"
    return Result(value=found, document=document(found), parts=[view.table(found, empty=empty)])


def _create(call: Call) -> Result:
    described = call.given("description", "tags")
    if call["file"]:
        read = call.surface.machine.read_batch_endpoint
        wanted = of_file(call, read, described, example="description=TEXT")
        if not wanted.name:
            raise Invalid("The endpoint needs a name.", target="--name", hint="Add --name NAME.")
    else:
        check_described(call, "endpoint", "batch-endpoint create NAME")
        tags = dict(call["tags"])
        wanted = CreateBatchEndpoint(
            name=call["name"], description=call["description"] or "", tags=tags
        )
    made = call.client.batch_endpoints.create(wanted)
    command = f"batch-deployment create NAME --endpoint {made.name} --model MODEL"
    notes = [] if made.deployments else [f"Nothing scores behind it yet: {call.command(command)}"]
    return view.shown(made, *notes)


def _update(call: Call) -> Result:
    fields = call.changes(
        "default_deployment",
        "description",
        "tags",
        example="batch-endpoint update NAME --default-deployment DEPLOYMENT",
    )
    if "tags" in fields:
        known = call.client.batch_endpoints.get(call["name"]).tags
        fields["tags"] = known | dict(fields["tags"])
    body = UpdateBatchEndpoint(**fields)
    return view.shown(call.client.batch_endpoints.update(call["name"], body))


def _delete(call: Call) -> Result:
    found = call.client.batch_endpoints.get(call["name"])
    loses = f"It has {len(found.deployments)} deployments." if found.deployments else ""
    if not call["yes"] and not call.surface.confirm(f"Delete {found.name}?", loses=loses):
        return view.shown(found, f"{found.name} was not deleted.")
    gone = call.client.batch_endpoints.delete(found.name)
    return view.shown(gone, f"Deleted {gone.name}. Its jobs stay.")


def _invoke(call: Call) -> Result:
    body = InvokeBatch(
        input=call.surface.machine.whole_path(call["input"]),
        deployment=call["deployment"] or "",
        output=_output(call),
        job_name=call["job_name"] or "",
        mini_batch_size=call["mini_batch_size"],
    )
    job = call.client.batch_endpoints.invoke(call["name"], body)
    if call["stream"]:
        return followed(call, job.name)
    shown = job_view.shown(job, call.surface.now())
    command = f"job download {job.name} --output-name score"
    call.surface.note(f"When it has ended: {call.command(command)}")
    return shown


def _output(call: Call) -> str:
    path = call["output_path"]
    return call.surface.machine.whole_path(path) if path else ""


def _jobs(call: Call) -> Result:
    found = call.client.batch_endpoints.jobs(call["name"]).value
    empty = f"No jobs. Make one: {call.command('batch-endpoint invoke NAME --input PATH')}"
    table = job_view.table(found, call.surface.now(), empty=empty)
    return Result(value=found, document=document(found), parts=[table])


BATCH_ENDPOINT = Noun(
    name="batch-endpoint",
    summary="Score many files at once: a call is a job.",
    verbs=(
        Verb(name="list", summary="List them.", run=_list),
        Verb(
            name="show",
            summary="Show one.",
            run=lambda call: view.shown(call.client.batch_endpoints.get(call["name"])),
            options=(_NAME,),
        ),
        Verb(
            name="create",
            summary="Make one; its deployments come next.",
            run=_create,
            options=(
                options.new_name(kind=ENDPOINT_NAME),
                _DESCRIPTION,
                options.TAGS,
                options.file("An az ml batch endpoint file (YAML)."),
                options.field_of_file("description=TEXT"),
            ),
            examples=("batch-endpoint create digits",),
        ),
        Verb(
            name="update",
            summary="Change its default deployment, description or tags.",
            run=_update,
            options=(
                _NAME,
                Option(
                    flags=("--default-deployment",),
                    kind=NAME,
                    help="The deployment that a call without a name goes to.",
                ),
                _DESCRIPTION,
                options.TAGS,
            ),
        ),
        Verb(
            name="invoke",
            summary="Score the files of a folder, or one file.",
            details="Returns the job; its output `score` holds the predictions.",
            run=_invoke,
            options=(
                _NAME,
                Option(
                    flags=("--input", "-i"),
                    help="A file, a folder, azureml:NAME:VERSION or another reference to data.",
                    required=True,
                ),
                Option(
                    flags=("--deployment-name", "--deployment"),
                    kind=NAME,
                    help="Another deployment than the default one.",
                    key="deployment",
                ),
                Option(
                    flags=("--output-path",),
                    help="Where predictions go: a folder, or azureml://datastores/NAME/paths/PATH.",
                ),
                Option(
                    flags=("--mini-batch-size", "-m"),
                    kind=Kind.integer("FILES", 1, 2**31),
                    help="Files of one call of run(), instead of the deployment's number.",
                ),
                Option(flags=("--job-name",), kind=JOB_NAME, help="The job's name."),
                Option(flags=("--stream", "-s"), kind=None, help="Show its output until it ends."),
            ),
            examples=(
                "batch-endpoint invoke digits --input data/new --stream",
                "batch-endpoint invoke digits --input azureml:new-digits@latest",
            ),
        ),
        Verb(
            name="list-jobs",
            summary="List the jobs of its calls, newest first.",
            run=_jobs,
            options=(_NAME,),
        ),
        Verb(
            name="delete",
            summary="Delete it with its deployments; its jobs stay.",
            run=_delete,
            options=(_NAME, YES),
        ),
    ),
)
