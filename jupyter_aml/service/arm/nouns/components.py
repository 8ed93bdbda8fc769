"""Components: what pipelines are made of. Anonymous ones come with each pipeline that is sent."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from jupyter_aml.model.api import FindAsset
from jupyter_aml.model.component import ANONYMOUS, Component, CreateComponent, UpdateComponent
from jupyter_aml.model.errors import AmlError, Conflict
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.jobs import errors
from jupyter_aml.service.arm.message import Request, Response, convert, json_response
from jupyter_aml.service.arm.nouns import assets, component_spec
from jupyter_aml.service.arm.nouns.assets import Json
from jupyter_aml.service.arm.nouns.versioned import Versioned
from jupyter_aml.service.arm.remainder import without_nulls

DEFAULT_VERSION = "azureml_default"
"""What the SDK asks for where no version was named: the newest."""
_PROPERTIES = "properties"


class Components(Versioned[Component]):
    noun = "components"
    operations = "Component"
    note = "Command, parallel and pipeline components."

    async def create(self, request: Request, context: Context) -> Response:
        """What a version does stays; its words and its archiving may change."""
        properties: Json = without_nulls(await assets.said_properties(request))
        said = assets.as_said(properties)
        name, version = request.fields["name"], request.fields["version"]
        known = await self.known(request, context)
        sent = convert(properties.get(component_spec.KEPT), Json, component_spec.PATH)
        if known is None or sent != known.spec.azure.get(component_spec.KEPT):
            made = await _made(context, sent, name, version, said)
        else:
            made = await _described(context, known, said)
        made = await self.archive(context, made, said.is_archived)
        return json_response(self.told(request, context, made), 201 if known is None else 200)

    async def find(self, request: Request, context: Context) -> Component:
        version = request.fields["version"]
        query = FindAsset(version="" if version == DEFAULT_VERSION else version)
        return await context.components.get(request.fields["name"], query=query)

    def properties(self, _request: Request, one: Component, /) -> Json:
        return {
            "properties": one.spec.azure.get(_PROPERTIES, {}),
            "isAnonymous": one.anonymous,
            component_spec.KEPT: component_spec.told(one.spec),
        }

    def of_container(self, _versions: Sequence[Component]) -> Json:
        return {"provisioningState": "Succeeded"}


async def _made(
    context: Context, sent: Json, name: str, version: str, said: assets.Said
) -> Component:
    azure: Json = {_PROPERTIES: said.plain_properties}
    with assets.refusing():
        spec = await component_spec.read(sent, name, version, context.codes, azure)
    spec = msgspec.structs.replace(
        spec,
        description=spec.description or said.description or "",
        tags=spec.tags or said.plain_tags,
    )
    anonymous = bool(said.is_anonymous) or name == ANONYMOUS
    try:
        return await context.components.create(body=CreateComponent(spec=spec, anonymous=anonymous))
    except Conflict:
        raise
    except AmlError as error:
        raise errors.of_body(error, component_spec.PATH) from None


async def _described(context: Context, known: Component, said: assets.Said) -> Component:
    change = UpdateComponent(
        description=said.description, tags=None if said.tags is None else said.plain_tags
    )
    query = FindAsset(version=known.version)
    return await context.components.update(known.name, body=change, query=query)


ROUTES = Components().routes()
