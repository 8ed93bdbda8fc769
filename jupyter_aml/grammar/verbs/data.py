"""``data``: named versions of files and folders."""

from __future__ import annotations

from jupyter_aml.grammar import options
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.kinds import FILE, Kind
from jupyter_aml.grammar.language import Call, Noun, Option, Verb
from jupyter_aml.grammar.result import Result
from jupyter_aml.grammar.verbs import asset
from jupyter_aml.grammar.verbs import data_changes as changes
from jupyter_aml.grammar.views import data as view

_ONE = asset.one_of("data")
_DESCRIPTION = Option(flags=("--description", "-d"), help="What it is.")
_PATH = Option(
    flags=("--path", "-p"),
    help="A file or folder of it; by default the whole.",
    positional=True,
)


def _list(call: Call) -> Result:
    found = call.client.data.list(
        call["name"] or "", include_archived=call["include_archived"]
    ).value
    empty = f"No data assets. Make one: {call.command('data create NAME --path PATH')}"
    return Result(value=found, document=document(found), parts=[view.table(found, empty=empty)])


def _show(call: Call) -> Result:
    return view.shown(call.client.data.get(*changes.named(call)))


def _browse(call: Call) -> Result:
    name, version = changes.named(call)
    return view.entries(call.client.data.browse(name, call["path"] or "", version=version))


def _preview(call: Call) -> Result:
    name, version = changes.named(call)
    return view.preview(call.client.data.preview(name, call["path"] or "", version=version))


DATA = Noun(
    name="data",
    summary="Files and folders by name and version, for jobs to read.",
    verbs=(
        Verb(
            name="list",
            summary="List the newest version of each data asset, or all versions of one.",
            run=_list,
            options=(
                asset.all_of("data"),
                asset.include_archived("ones"),
            ),
        ),
        Verb(
            name="show",
            summary="Show one, with the job that made it and those that used it.",
            run=_show,
            options=_ONE,
        ),
        Verb(
            name="create",
            summary="Name a file or a folder; jobs then read it as azureml:NAME:VERSION.",
            details=(
                "It is copied into the default datastore, unless --in-place. The same content "
                "under the same name is the same version, another the next one."
            ),
            run=changes.create,
            options=(
                asset.NEW_NAME,
                asset.NEW_VERSION,
                Option(
                    flags=("--path", "-p"),
                    kind=FILE,
                    help="A file, a folder, azureml://datastores/NAME/paths/PATH, "
                    "azureml://jobs/JOB/outputs/NAME/paths/PATH, or an http(s) address.",
                ),
                Option(
                    flags=("--type", "-t"),
                    kind=Kind.choice("uri_file", "uri_folder", "mltable"),
                    help="Its type; by default what is there.",
                ),
                Option(
                    flags=("--in-place",),
                    kind=None,
                    help="Copy nothing: name the path itself, with what it will hold later.",
                ),
                _DESCRIPTION,
                options.TAGS,
                options.file("An az ml data file (YAML)."),
                options.field_of_file("version=2"),
            ),
            examples=(
                "data create digits --path data/digits.csv",
                "data create digits --path azureml://jobs/JOB/outputs/table",
                "data create --file data.yml --set version=2",
            ),
        ),
        Verb(
            name="update",
            summary="Change its description or tags.",
            run=changes.update,
            options=(*_ONE, _DESCRIPTION, options.TAGS),
        ),
        Verb(
            name="browse",
            summary="List what lies in it.",
            run=_browse,
            options=(*_ONE, _PATH),
        ),
        Verb(
            name="preview",
            summary="Show the beginning of it: of a table its first rows.",
            run=_preview,
            options=(*_ONE, _PATH),
            examples=("data preview digits", "data preview images labels.csv"),
        ),
        asset.download("data", changes.download, "asset"),
        *asset.hide_and_show("data", changes.archive, changes.restore),
    ),
)
