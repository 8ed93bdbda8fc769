"""``datastore``: places that hold files."""

from __future__ import annotations

from typing import Any

from jupyter_aml.grammar import options, phrases
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.kinds import FILE, FOLDER, NAME
from jupyter_aml.grammar.language import YES, Call, Noun, Option, Verb
from jupyter_aml.grammar.result import Result
from jupyter_aml.grammar.verbs.from_file import check_described, of_file
from jupyter_aml.grammar.views import data as view
from jupyter_aml.model.data import DEFAULT_DATASTORE, CreateDatastore
from jupyter_aml.model.errors import Invalid

_NAME = options.name_of("datastore")
_PATH = Option(
    flags=("--path", "-p"), help="A file or folder of it; by default all of it.", positional=True
)
_USAGE = "datastore create NAME [--path FOLDER]"


def _list(call: Call) -> Result:
    found = call.client.datastores.list().value
    return Result(value=found, document=document(found), parts=[view.datastores(found)])


def _create(call: Call) -> Result:
    made = call.client.datastores.create(_wanted(call))
    use = f"azureml://datastores/{made.name}/paths/PATH"
    return view.datastore(made, f"Jobs read its files as {use}")


def _wanted(call: Call) -> CreateDatastore:
    described = call.given("path", "description", "tags")
    if call["read_only"]:
        described["read_only"] = True
    if call["file"]:
        read = call.surface.machine.read_datastore
        wanted = of_file(call, read, described, example="path=/data")
        if not wanted.name:
            raise Invalid("The datastore needs a name.", target="--name", hint="Add --name NAME.")
        return wanted
    check_described(call, "datastore", _USAGE)
    fields: dict[str, Any] = {**described, "tags": dict(call["tags"])}
    if "path" in described:
        fields["path"] = call.surface.machine.whole_path(described["path"])
    return CreateDatastore(name=call["name"], **fields)


def _delete(call: Call) -> Result:
    name = call["name"]
    if not call["yes"] and not call.surface.confirm(f"Forget the datastore {name}?", loses=""):
        return Result(notes=[f"{name} was not forgotten."], exit_code=1)
    gone = call.client.datastores.delete(name)
    return view.datastore(gone, f"Forgot {name}. Its files stay in {gone.path}.")


def _upload(call: Call) -> Result:
    path = call.surface.machine.whole_path(call["path"])
    bar = call.surface.progress(f"Copying {call['path']}")
    made = call.client.datastores.upload(
        path, call["target_path"] or "", name=call["name"] or DEFAULT_DATASTORE, progress=bar
    )
    return view.uploaded(made)


def _download(call: Call) -> Result:
    name, path = call["name"], call["path"] or ""
    folder = call["download_path"] or name
    saved = call.surface.machine.save(folder, call.client.datastores.contents(name, path))
    told = {"name": name, "path": path, "download_path": folder}
    notes = [f"Copied {phrases.plural(len(saved), 'file')} to {folder}."]
    return Result(value=saved, document=told, notes=notes)


DATASTORE = Noun(
    name="datastore",
    summary="Places that hold files: the default one, and folders of this machine.",
    verbs=(
        Verb(name="list", summary="List them, the default one first.", run=_list),
        Verb(
            name="show",
            summary="Show one.",
            run=lambda call: view.datastore(call.client.datastores.get(call["name"])),
            options=(_NAME,),
        ),
        Verb(
            name="create",
            summary="Name a folder of this machine; jobs then read and write below it.",
            run=_create,
            options=(
                options.new_name(),
                Option(
                    flags=("--path", "-p"),
                    kind=FOLDER,
                    help="The folder, which has to be there; by default one is made for it.",
                ),
                Option(flags=("--read-only",), kind=None, help="No job may write to it."),
                Option(flags=("--description", "-d"), help="What it holds."),
                options.TAGS,
                options.file("A datastore file (YAML) with type: local_folder."),
                options.field_of_file("path=/data"),
            ),
            examples=("datastore create images --path /data/images --read-only",),
        ),
        Verb(
            name="delete",
            summary="Forget it. Its files stay where they are.",
            run=_delete,
            options=(_NAME, YES),
        ),
        Verb(
            name="browse",
            summary="List what lies in one of its folders.",
            run=lambda call: view.entries(
                call.client.datastores.browse(call["name"], call["path"] or "")
            ),
            options=(_NAME, _PATH),
        ),
        Verb(
            name="preview",
            summary="Show the beginning of a file: of a table its first rows.",
            run=lambda call: view.preview(
                call.client.datastores.preview(call["name"], call["path"] or "")
            ),
            options=(_NAME, _PATH),
        ),
        Verb(
            name="upload",
            summary="Copy a file, or all files of a folder, into it.",
            details=(
                "Files that are there already with the same bytes are not copied: a copy that "
                "broke off goes on where it was when it is asked for again."
            ),
            run=_upload,
            options=(
                Option(
                    flags=("--path", "-p"),
                    kind=FILE,
                    help="The file or folder of this machine.",
                    required=True,
                    positional=True,
                ),
                Option(
                    flags=("--name", "-n"),
                    kind=NAME,
                    help="The datastore; the default one unless told.",
                    completes="datastore",
                ),
                Option(
                    flags=("--target-path",),
                    help="Where it goes: a path, or a folder for a file if it ends with /. By "
                    "default its own name.",
                ),
            ),
            examples=(
                "datastore upload data/digits.csv",
                "datastore upload images --name pictures --target-path 2026/july",
            ),
        ),
        Verb(
            name="download",
            summary="Copy a file or a folder of it here.",
            run=_download,
            options=(
                _NAME,
                _PATH,
                Option(
                    flags=("--download-path",),
                    kind=FOLDER,
                    help="The folder to copy into; by default one of the datastore's name.",
                ),
            ),
        ),
    ),
)
