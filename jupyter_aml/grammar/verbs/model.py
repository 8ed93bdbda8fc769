"""``model``: the registry of models."""

from __future__ import annotations

from jupyter_aml.grammar import options
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.kinds import FILE, NAME, Kind
from jupyter_aml.grammar.language import Call, Noun, Option, Verb
from jupyter_aml.grammar.result import Result
from jupyter_aml.grammar.verbs import asset
from jupyter_aml.grammar.verbs import model_changes as changes
from jupyter_aml.grammar.verbs.model_package import PACKAGE
from jupyter_aml.grammar.views import model as view

_ONE = asset.one_of("model")
_STAGES = Kind.choice("None", "Development", "Staging", "Production", "Archived")
_STAGE = Option(flags=("--stage", "-s"), kind=_STAGES, help="Where it stands.")
_DESCRIPTION = Option(flags=("--description", "-d"), help="What it is for.")


def _list(call: Call) -> Result:
    found = call.client.models.list(
        call["name"] or "",
        stage=call["stage"] or "",
        job=call["job_name"] or "",
        data=call["data"] or "",
        include_archived=call["include_archived"],
    ).value
    empty = f"No models. Register one: {call.command('model create NAME --from VARIABLE')}"
    return Result(value=found, document=document(found), parts=[view.table(found, empty=empty)])


def _show(call: Call) -> Result:
    return view.shown(call.client.models.get(*asset.named(call)))


MODEL = Noun(
    name="model",
    summary="Models by name and version, with where each came from.",
    verbs=(
        Verb(
            name="list",
            summary="List the newest version of each model, or all versions of one.",
            run=_list,
            options=(
                asset.all_of("model"),
                Option(flags=("--stage", "-s"), kind=_STAGES, help="Only those in this stage."),
                Option(
                    flags=("--job-name",),
                    kind=NAME,
                    help="Only those registered from this job.",
                    completes="job",
                ),
                Option(
                    flags=("--data",),
                    kind=NAME,
                    help="Only those made from this data asset: azureml:name:version.",
                ),
                asset.include_archived("models"),
            ),
        ),
        Verb(
            name="show",
            summary="Show one, with where it came from and what serves it.",
            run=_show,
            options=_ONE,
        ),
        Verb(
            name="create",
            summary="Register a variable, a path, a job's output or what MLflow logged.",
            details=(
                "The same content under the same name is the same version, another the next one. A "
                "variable is pickled with the functions and classes of the notebook that it needs; "
                "one that cannot be is refused before anything is written."
            ),
            run=changes.create,
            options=(
                asset.NEW_NAME,
                asset.NEW_VERSION,
                Option(
                    flags=("--from",),
                    kind=NAME,
                    key="variable",
                    help="A variable of this notebook.",
                    completes="variable",
                ),
                Option(
                    flags=("--path", "-p"),
                    kind=FILE,
                    help="A file, a folder, azureml://jobs/JOB/outputs/NAME/paths/PATH, or "
                    "runs:/RUN/PATH of MLflow.",
                ),
                Option(
                    flags=("--type", "-t"),
                    kind=Kind.choice("custom_model", "mlflow_model", "triton_model"),
                    help="Its type; what MLflow wrote is recognised.",
                ),
                Option(
                    flags=("--sample",),
                    help="Rows that it understands, for trying it out: X_test[:5]; in a terminal "
                    "a JSON file.",
                ),
                _STAGE,
                _DESCRIPTION,
                options.TAGS,
                options.file("An az ml model file (YAML)."),
                options.field_of_file("version=2"),
            ),
            examples=(
                "model create digits --from clf --sample X_test[:5]",
                "model create digits --path azureml://jobs/JOB/outputs/model --stage Staging",
                "model create --file model.yml --set version=2",
            ),
        ),
        Verb(
            name="update",
            summary="Change its stage, description or tags.",
            run=changes.update,
            options=(*_ONE, _STAGE, _DESCRIPTION, options.TAGS),
            examples=("model update digits:2 --stage Production",),
        ),
        asset.download("model", changes.download, "model"),
        PACKAGE,
        *asset.hide_and_show("model", changes.archive, changes.restore),
    ),
)
