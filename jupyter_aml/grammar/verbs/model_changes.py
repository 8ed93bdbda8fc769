"""What changes the registry: create, update, archive, restore; and a copy of the files."""

from __future__ import annotations

from typing import Any

import msgspec

from jupyter_aml.grammar.language import Call
from jupyter_aml.grammar.result import Result
from jupyter_aml.grammar.verbs.asset import copied, named, split
from jupyter_aml.grammar.verbs.from_file import check_described, of_file
from jupyter_aml.grammar.views import model as view
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.registry import CreateModel, Model, UpdateModel

_DESCRIBED = ("variable", "path", "type", "sample", "stage", "description", "tags")
_USAGE = "model create NAME --from VARIABLE"


def create(call: Call) -> Result:
    described = call.given(*_DESCRIBED)
    if call["file"]:
        return _created(call, call.client.models.create(_of_file(call, described)))
    wanted = _wanted(call, described)
    if call["variable"]:
        return _created(call, call.surface.register(call["variable"], wanted))
    machine = call.surface.machine
    wanted = msgspec.structs.replace(
        wanted,
        path=machine.whole_path(call["path"]),
        lineage=call.surface.here(wanted.lineage),
    )
    return _created(call, call.client.models.create(wanted))


def _created(call: Call, model: Model) -> Result:
    deploy = call.command(f"deploy {model.name}:{model.version} --endpoint NAME")
    return view.shown(model, f"Registered {model.name}:{model.version}. To serve it: {deploy}")


def _wanted(call: Call, described: dict[str, Any]) -> CreateModel:
    check_described(call, "model", _USAGE)
    if ("variable" in described) == ("path" in described):
        what = "Both --from and --path were given" if "path" in described else "Nothing was named"
        raise Invalid(
            f"{what}: a model is a variable or a path.",
            target="--from",
            hint=f"{call.command(_USAGE)}, or --path PATH instead of --from.",
        )
    name, version = split(call["name"], call["version"])
    fields: dict[str, Any] = {
        key: described[key] for key in ("type", "stage", "description") if key in described
    }
    if "sample" in described:
        fields["sample"] = call.surface.sample(described["sample"])
    return CreateModel(name=name, path="", version=version, tags=dict(call["tags"]), **fields)


def _of_file(call: Call, described: dict[str, Any]) -> CreateModel:
    read = call.surface.machine.read_model
    wanted = of_file(call, read, described, example="version=2", keys=("name", "version"))
    if not wanted.name:
        raise Invalid(
            "The model needs a name.", target="--name", hint="The file has none: --name NAME"
        )
    return msgspec.structs.replace(wanted, lineage=call.surface.here(wanted.lineage))


def update(call: Call) -> Result:
    fields = call.changes(
        "stage", "description", "tags", example="model update NAME --stage Production"
    )
    name, version = named(call)
    if "tags" in fields:
        fields["tags"] = call.client.models.get(name, version).tags | dict(fields["tags"])
    found = call.client.models.update(name, UpdateModel(**fields), version)
    return view.shown(found)


def download(call: Call) -> Result:
    name, version = named(call)
    model = call.client.models.get(name, version)
    return copied(call, model, call.client.models.contents(model.name, model.version))


def archive(call: Call) -> Result:
    found = call.client.models.archive(*named(call))
    return view.shown(found, f"Archived {found.name}:{found.version}.")


def restore(call: Call) -> Result:
    found = call.client.models.restore(*named(call))
    return view.shown(found, f"Restored {found.name}:{found.version}.")
