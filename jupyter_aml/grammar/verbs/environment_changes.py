"""What changes an environment: create, build, cancel, archive, restore."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

import msgspec

from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.language import Call
from jupyter_aml.grammar.result import Result
from jupyter_aml.grammar.verbs.asset import named, split
from jupyter_aml.grammar.verbs.from_file import check_described, of_file
from jupyter_aml.grammar.views import environment as view
from jupyter_aml.model.environment import BuildLine, CreateEnvironment, Environment
from jupyter_aml.model.errors import Invalid

_DESCRIBED = ("pip", "requirements", "conda_file", "python", "image", "description", "tags")


def create(call: Call) -> Result:
    wanted = _wanted(call)
    found = call.client.environments.create(wanted)
    for warning in found.warnings:
        call.surface.note(f"Note: {warning}")
    if call["build"]:
        return _followed(call, found)
    if found.state == "NotBuilt":
        command = call.command(f"environment build {found.reference}")
        return view.shown(found, f"The first job that uses it builds it; to do so now: {command}")
    return view.shown(found)


def _wanted(call: Call) -> CreateEnvironment:
    """The file's environment, or the one that the options describe; never a mixture."""
    described = call.given(*_DESCRIBED)
    if call["file"]:
        return _of_file(call, described)
    check_described(call, "environment", "environment create NAME --pip PACKAGE")
    name, version = split(call["name"], call["version"])
    if not any(key in described for key in _DESCRIBED[:5]):
        usage = call.command(f"environment create {name} --pip PACKAGE")
        raise Invalid("Nothing was said of what it is to hold.", target="--pip", hint=usage)
    return CreateEnvironment(
        name=name, version=version, strict=call["strict"], **_content(call, described)
    )


def _content(call: Call, described: dict[str, Any]) -> dict[str, Any]:
    machine = call.surface.machine
    lines = [word for text in described.pop("pip", []) for word in shlex.split(text)]
    if path := described.pop("requirements", None):
        lines += machine.read_requirements(path)
    if path := described.pop("conda_file", None):
        described["conda_file"] = machine.read_conda(path)
    if "tags" in described:
        described["tags"] = dict(described["tags"])
    return {**described, "requirements": lines}


def _of_file(call: Call, described: dict[str, Any]) -> CreateEnvironment:
    read = call.surface.machine.read_environment
    wanted = of_file(call, read, described, example="version=2", keys=("name", "version"))
    if not wanted.name:
        raise Invalid(
            "The environment needs a name.", target="--name", hint="The file has none: --name NAME"
        )
    return msgspec.structs.replace(wanted, strict=call["strict"])


def build(call: Call) -> Result:
    found = call.client.environments.build(*named(call))
    return view.shown(found) if call["no_wait"] else _followed(call, found)


def _followed(call: Call, found: Environment) -> Result:
    """Build it, show the log until the build has ended, then how it ended."""
    environments = call.client.environments
    was_built = found.state == "Succeeded"
    found = environments.build(found.name, found.version)
    if not was_built:
        try:
            for _ in _shown_lines(call, found.name, found.version):
                pass
        except KeyboardInterrupt:
            cancel_it = call.command(f"environment cancel {found.reference}")
            call.surface.note(f"The build goes on. End it: {cancel_it}")
            raise
        found = environments.get(found.name, found.version)
    return view.shown(found, exit_code=0 if found.state == "Succeeded" else 1)


def log(call: Call) -> Result:
    name, version = named(call)
    lines = list(_shown_lines(call, name, version))
    return Result(value=lines, document=document(lines))


def _shown_lines(call: Call, name: str, version: str) -> Iterator[BuildLine]:
    for line in call.client.environments.log(name, version):
        call.surface.stdout(f"{line.text}\n")
        yield line


def cancel(call: Call) -> Result:
    return view.shown(call.client.environments.cancel(*named(call)))


def archive(call: Call) -> Result:
    found = call.client.environments.archive(*named(call))
    return view.shown(found, f"Archived {found.reference}.")


def restore(call: Call) -> Result:
    found = call.client.environments.restore(*named(call))
    return view.shown(found, f"Restored {found.reference}.")
