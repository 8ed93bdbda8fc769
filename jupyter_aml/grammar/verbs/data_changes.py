"""What changes data assets: create, update, archive, restore; and a copy of the files."""

from __future__ import annotations

from typing import Any

from jupyter_aml.grammar.language import Call
from jupyter_aml.grammar.result import Result
from jupyter_aml.grammar.verbs.asset import copied
from jupyter_aml.grammar.verbs.from_file import check_described, of_file
from jupyter_aml.grammar.views import data as view
from jupyter_aml.model.data import CreateData, UpdateData
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.references import asset

_DESCRIBED = ("path", "type", "description", "tags")
_USAGE = "data create NAME --path PATH"


def named(call: Call) -> tuple[str, str]:
    """Name and version: ``NAME --version V``, ``NAME:V`` or ``NAME@latest``."""
    return split(call["name"], call["version"])


def split(text: str, given: str | None) -> tuple[str, str]:
    found = asset(text)
    if found.version and given and found.version != given:
        raise Invalid(f"{text} and --version {given} are two versions.", target="--version")
    return found.name, given or found.version


def create(call: Call) -> Result:
    wanted = _wanted(call)
    bar = call.surface.progress(f"Copying {wanted.name}")
    found = call.client.data.create(wanted, progress=bar)
    used = call.command(f"data preview {found.name}")
    return view.shown(found, f"Registered {found.reference}. See the beginning: {used}")


def _wanted(call: Call) -> CreateData:
    described = call.given(*_DESCRIBED)
    if call["in_place"]:
        described["in_place"] = True
    if call["file"]:
        read = call.surface.machine.read_data
        wanted = of_file(call, read, described, example="version=2", keys=("name", "version"))
        if not wanted.name:
            raise Invalid(
                "The data asset needs a name.",
                target="--name",
                hint="The file has none: --name NAME",
            )
        return wanted
    check_described(call, "data asset", _USAGE)
    if "path" not in described:
        raise Invalid(
            "Nothing was said of where it lies.", target="--path", hint=call.command(_USAGE)
        )
    name, version = split(call["name"], call["version"])
    fields: dict[str, Any] = {**described, "tags": dict(call["tags"])}
    fields["path"] = call.surface.machine.whole_path(described["path"])
    return CreateData(name=name, version=version, **fields)


def update(call: Call) -> Result:
    fields = call.changes("description", "tags", example="data update NAME --description TEXT")
    name, version = named(call)
    if "tags" in fields:
        fields["tags"] = call.client.data.get(name, version).tags | dict(fields["tags"])
    return view.shown(call.client.data.update(name, UpdateData(**fields), version))


def download(call: Call) -> Result:
    found = call.client.data.get(*named(call))
    return copied(call, found, call.client.data.contents(found.name, version=found.version))


def archive(call: Call) -> Result:
    found = call.client.data.archive(*named(call))
    return view.shown(found, f"Archived {found.reference}.")


def restore(call: Call) -> Result:
    found = call.client.data.restore(*named(call))
    return view.shown(found, f"Restored {found.reference}.")
