"""Data assets: files, folders and MLTables, in versions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from jupyter_aml.model.api import FindAsset
from jupyter_aml.model.data import CreateData, Data, DataType, UpdateData
from jupyter_aml.model.errors import Invalid
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.message import Request, Response, json_response
from jupyter_aml.service.arm.nouns import assets
from jupyter_aml.service.arm.nouns.assets import Json
from jupyter_aml.service.arm.nouns.versioned import Versioned

_TYPES: tuple[DataType, ...] = get_args(DataType)


class DataAssets(Versioned[Data]):
    noun = "data"
    operations = "Data"
    note = "Files of a datastore may come later; addresses of clouds are refused."

    async def create(self, request: Request, context: Context) -> Response:
        """What a version holds stays; description, tags and whether it is archived may change."""
        properties = await assets.said_properties(request)
        said = assets.as_said(properties)
        uri = properties.get("dataUri")
        if not isinstance(uri, str) or not uri:
            raise Invalid("A data asset has a dataUri.", target="$.properties.dataUri")
        known = await self.known(request, context)
        with assets.refusing():
            path = await assets.short_uri(context, uri)
            if known is not None and known.path.rstrip("/") == path.rstrip("/"):
                made = known
            else:
                made = await context.data.create(body=_body(request, properties, path))
        if known is not None and (said.tags is not None or said.description is not None):
            change = UpdateData(
                description=said.description, tags=None if said.tags is None else said.plain_tags
            )
            query = FindAsset(version=made.version)
            made = await context.data.update(made.name, body=change, query=query)
        made = await self.archive(context, made, said.is_archived)
        return json_response(self.told(request, context, made), 201 if known is None else 200)

    def properties(self, request: Request, one: Data, /) -> Json:
        uri = assets.long_uri(request.scope, one.path)
        if one.type != "uri_file" and not uri.endswith("/"):
            uri += "/"
        return {"dataType": one.type, "dataUri": uri, "properties": one.properties}

    def of_container(self, versions: Sequence[Data]) -> Json:
        return {"dataType": versions[0].type}


def _body(request: Request, properties: Json, path: str) -> CreateData:
    said = assets.as_said(properties)
    return CreateData(
        name=request.fields["name"],
        version=request.fields["version"],
        path=path,
        type=_type(properties.get("dataType")),
        may_be_missing=True,  # Azure does not look either; a job that reads it does
        description=said.description or "",
        tags=said.plain_tags,
        properties=said.plain_properties,
    )


def _type(said: object) -> DataType:
    for word in _TYPES:
        if isinstance(said, str) and said.lower() == word:
            return word
    raise Invalid(f"{said!r} is none of {', '.join(_TYPES)}.", target="$.properties.dataType")


ROUTES = DataAssets().routes()
