"""``component``: pieces of work with declared inputs and outputs, that pipelines are made of."""

from __future__ import annotations

from jupyter_aml.grammar import options
from jupyter_aml.grammar.language import Call, Noun, Option, Verb
from jupyter_aml.grammar.result import Result
from jupyter_aml.grammar.verbs import asset
from jupyter_aml.grammar.verbs.from_file import of_file
from jupyter_aml.grammar.views import component as view
from jupyter_aml.model.component import UpdateComponent
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.pipeline_document import component_document


def _list(call: Call) -> Result:
    found = call.client.components.list(
        call["name"] or "", include_archived=call["include_archived"]
    ).value
    empty = f"No components. Keep one: {call.command('component create -f component.yml')}"
    documents = [component_document(one) for one in found]
    return Result(value=found, document=documents, parts=[view.table(found, empty=empty)])


def _show(call: Call) -> Result:
    return view.shown(call.client.components.get(*asset.named(call)))


def _create(call: Call) -> Result:
    if not call["file"]:
        raise Invalid(
            "A component is described by a file.",
            target="--file",
            hint=call.command("component create -f component.yml"),
        )
    read = call.surface.machine.read_component
    spec = of_file(call, read, {}, example="version=2", keys=("name", "version"))
    if not spec.name:
        raise Invalid(
            "The component needs a name.", target="--name", hint="The file has none: --name NAME"
        )
    made = call.client.components.create(spec)
    use = f"component: azureml:{made.name}:{made.version}"
    return view.shown(made, f"Kept {made.name}:{made.version}. In a step of a pipeline: {use}")


def _update(call: Call) -> Result:
    fields = call.changes(
        "display_name", "description", "tags", example="component update NAME --description TEXT"
    )
    name, version = asset.named(call)
    if "tags" in fields:
        known = call.client.components.get(name, version).spec.tags
        fields["tags"] = known | dict(fields["tags"])
    return view.shown(call.client.components.update(name, UpdateComponent(**fields), version))


def _archive(call: Call) -> Result:
    found = call.client.components.archive(*asset.named(call))
    return view.shown(found, f"Archived {found.name}:{found.version}.")


def _restore(call: Call) -> Result:
    found = call.client.components.restore(*asset.named(call))
    return view.shown(found, f"Restored {found.name}:{found.version}.")


COMPONENT = Noun(
    name="component",
    summary="Pieces of work with declared inputs and outputs, that pipelines are made of.",
    verbs=(
        Verb(
            name="list",
            summary="List the newest version of each component, or all versions of one.",
            run=_list,
            options=(asset.all_of("component"), asset.include_archived("components")),
        ),
        Verb(
            name="show",
            summary="Show one, with its inputs and outputs.",
            run=_show,
            options=asset.one_of("component"),
        ),
        Verb(
            name="create",
            summary="Keep the component of an az ml file, with its code as it is now.",
            details="The same content under the same name is the same version.",
            run=_create,
            options=(
                asset.NEW_NAME,
                asset.NEW_VERSION,
                options.file("An az ml component file (YAML)."),
                options.field_of_file("version=2"),
            ),
            examples=("component create --file train.yml",),
        ),
        Verb(
            name="update",
            summary="Change the name that it is shown by, its description or tags.",
            details="What it does never changes under a version: create another.",
            run=_update,
            options=(
                *asset.one_of("component"),
                Option(flags=("--display-name",), help="The name that it is shown by."),
                Option(flags=("--description", "-d"), help="What it does."),
                options.TAGS,
            ),
        ),
        *asset.hide_and_show("component", _archive, _restore),
    ),
)
