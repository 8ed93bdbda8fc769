"""Environments: the packages of one are installed here by uv; images and builds are not run.

What is given otherwise is a warning, which is stored with the environment and told by jobs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec

from jupyter_aml.model.api import FindEnvironment, ListEnvironments
from jupyter_aml.model.environment import (
    CreateEnvironment,
    Environment,
    EnvironmentContent,
)
from jupyter_aml.model.errors import Conflict, Invalid, NotFound
from jupyter_aml.model.references import InDatastore, parse
from jupyter_aml.service.arm.blob import folders
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.message import Request, Response, convert, json_response
from jupyter_aml.service.arm.nouns import assets
from jupyter_aml.service.arm.nouns.assets import Json
from jupyter_aml.service.arm.nouns.versioned import Versioned
from jupyter_aml.service.arm.remainder import remainder, restored
from jupyter_aml.service.environments import dockerfile
from jupyter_aml.service.environments.catalogue import ANONYMOUS

WARNINGS = "jupyter_aml.warnings"
"""Property of an environment: what of it is given otherwise here."""


class _Build(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    context_uri: str
    dockerfile_path: str = "Dockerfile"


class _Asked(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The part of a body that says what an environment holds."""

    image: str | None = None
    conda_file: str | None = None
    build: _Build | None = None


class Environments(Versioned[Environment]):
    noun = "environments"
    operations = "Environment"
    note = "Packages of a conda file or a Dockerfile are installed by uv; images are not run."
    listing = ListEnvironments
    finding = FindEnvironment

    async def create(self, request: Request, context: Context) -> Response:
        """What a version holds stays: another content under its name and version is a conflict."""
        properties = await assets.said_properties(request)
        said = assets.as_said(properties)
        known = await self.known(request, context)
        with assets.refusing():
            asked = await _asked(context, properties)
            _check_same(known, asked)
            content = await _content(context, asked)
        body = CreateEnvironment(
            **{field: getattr(content, field) for field in EnvironmentContent.__struct_fields__},
            name=request.fields["name"],
            version=request.fields["version"],
            description=said.description or "",
            tags=said.plain_tags,
            azure=_kept(properties, asked.build),
        )
        if body.name == ANONYMOUS:
            made = await context.environments.define(body=body)
        else:
            made = await context.environments.create(body=body)
            made = await self.archive(context, made, said.is_archived)
        query = FindEnvironment(version=made.version)
        made = await context.environments.get(made.name, query=query)
        return json_response(self.told(request, context, made), 201 if known is None else 200)

    async def versions(self, context: Context, name: str) -> Sequence[Environment]:
        """Also of Azure's curated names: the recipe nearest to it."""
        try:
            return await super().versions(context, name)
        except NotFound:
            return [await context.environments.get(name, query=FindEnvironment())]

    def is_listed(self, one: Environment) -> bool:
        return one.name != ANONYMOUS

    def called(self, request: Request, one: Environment) -> str:
        """As it was asked for: the recipe of a curated environment has a name of its own."""
        return request.fields.get("name", one.name)

    def properties(self, request: Request, one: Environment, /) -> Json:
        built = "build" in one.azure
        properties: Json = {
            "osType": "Linux",
            "environmentType": "UserCreated" if one.source == "user" else "Curated",
            "image": None if built else one.image or f"jupyter_aml/{one.name}",
            "condaFile": None if built else _conda_file(one),
            "properties": {WARNINGS: " ".join(one.warnings)} if one.warnings else {},
        }
        whole = restored(properties, one.azure)
        if built:
            uri = assets.long_uri(request.scope, whole["build"]["contextUri"])
            whole["build"] = {**whole["build"], "contextUri": f"{uri}/"}
        return whole


async def _asked(context: Context, properties: Json) -> _Asked:
    """What a body says that an environment holds; of a build in the form that is kept."""
    asked = convert(properties, _Asked, "$.properties")
    if asked.build is None:
        return asked
    uri = await assets.short_uri(context, asked.build.context_uri)
    build = msgspec.structs.replace(asked.build, context_uri=uri.rstrip("/"))
    return msgspec.structs.replace(asked, build=build)


def _check_same(known: Environment | None, asked: _Asked) -> None:
    """An image is not run here, so the domain sees no difference in it; Azure does."""
    if known is None:
        return
    build = convert(known.azure.get("build") or {"contextUri": ""}, _Build)
    sent = asked.build.context_uri if asked.build is not None else ""
    image = "" if build.context_uri else known.image
    if (asked.image or "", sent) != (image, build.context_uri):
        raise Conflict(
            f"{known.reference} exists already, with another image or build.",
            target="version",
            hint="Leave the version out to make the next one.",
        )


async def _content(context: Context, asked: _Asked) -> EnvironmentContent:
    """What is asked for, in the domain's words. Raises `Invalid` and `NotFound`."""
    if asked.build is not None:
        if asked.image or asked.conda_file:
            raise Invalid("An environment has a build or an image.", target="$.properties.build")
        folder = await _context_folder(context, asked.build.context_uri)
        return await asyncio.to_thread(dockerfile.read, folder, asked.build.dockerfile_path)
    if not asked.image and not asked.conda_file:
        raise Invalid("An environment has an image or a build.", target="$.properties.image")
    return EnvironmentContent(image=asked.image or "", conda_file=asked.conda_file or "")


async def _context_folder(context: Context, uri: str) -> Path:
    reference = parse(uri)
    if not isinstance(reference, InDatastore):
        raise Invalid(
            f"The build context {uri!r} is not in a datastore of this workspace.",
            target="$.properties.build.contextUri",
            hint="Give a folder of this machine: the SDK sends it.",
        )
    root = Path((await context.datastores.get(reference.datastore)).path)
    found = folders.inside(root, reference.path.strip("/"))
    if found is None or not found.is_dir():
        raise NotFound(f"There is no build context {reference.path!r}.", target="contextUri")
    return found


def _kept(properties: Json, build: _Build | None) -> Json:
    """What of a body our words do not say."""
    said = ("image", "condaFile", "description", "tags", "isArchived", "provisioningState")
    kept = {name: value for name, value in properties.items() if name not in said}
    told = assets.as_object(kept.pop("properties", None), "$.properties.properties")
    told.pop(WARNINGS, None)
    if told:
        kept["properties"] = told
    if build is not None:
        kept["build"] = msgspec.to_builtins(build)
    return remainder(kept, {"osType": "Linux", "environmentType": "UserCreated"})


def _conda_file(one: Environment) -> str | None:
    if one.conda_file or not one.requirements:
        return one.conda_file or None
    lines = "".join(f"  - {msgspec.json.encode(line).decode()}\n" for line in one.requirements)
    python = f"={one.python}" if one.python else ""
    return f"dependencies:\n- python{python}\n- pip\n- pip:\n{lines}"


ROUTES = Environments().routes()
