"""Code: a folder that a script sends, asked for by what it holds. A version is a snapshot."""

from __future__ import annotations

import asyncio
from pathlib import Path

from jupyter_aml.model.code import Code, CreateCode
from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.model.references import InDatastore, parse
from jupyter_aml.service.arm.blob import account, folders, names, writing
from jupyter_aml.service.arm.blob.containers import Upload
from jupyter_aml.service.arm.blob.refusal import Refusal
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.message import Request, Response, json_response
from jupyter_aml.service.arm.nouns import assets
from jupyter_aml.service.arm.nouns.assets import Json
from jupyter_aml.service.arm.paging import page
from jupyter_aml.service.arm.resource import resource
from jupyter_aml.service.arm.route import Route
from jupyter_aml.service.arm.scope import WS
from jupyter_aml.service.codes.facet import PREFIX
from jupyter_aml.service.versions import next_version

_UPLOAD_SECONDS = 24 * 3600.0
_EVERYTHING = "racwdl"


async def list_versions(request: Request, context: Context) -> Response:
    """With ``hash`` whichever code holds that folder, under any name: each submit asks so under a
    new one."""
    if wanted := request.option("hash"):
        found = await context.codes.find(_digest(wanted, request.option("hashVersion")))
        return page(request, context, [_code(request, context, found)] if found else [])
    versions = (await context.codes.list(request.fields["name"])).value
    if not versions:
        raise NotFound(f"There is no code {request.fields['name']!r}.", target="name")
    return page(request, context, [_code(request, context, one) for one in versions])


async def get(request: Request, context: Context) -> Response:
    found = await context.codes.get(request.fields["name"], request.fields["version"])
    return json_response(_code(request, context, found))


async def get_container(request: Request, context: Context) -> Response:
    versions = (await context.codes.list(request.fields["name"])).value
    if not versions:
        raise NotFound(f"There is no code {request.fields['name']!r}.", target="name")
    return json_response(_container(request, context, versions))


async def list_containers(request: Request, context: Context) -> Response:
    by_name: dict[str, list[Code]] = {}
    for one in (await context.codes.list()).value:
        by_name.setdefault(one.name, []).append(one)
    told = [_container(request, context, versions) for versions in by_name.values()]
    return page(request, context, told)


async def start_upload(_request: Request, context: Context) -> Response:
    """A container of its own for what comes, with a SAS that holds for a day."""
    before = context.clock.time() - _UPLOAD_SECONDS
    await writing.sweep(context.home, before)
    made = await asyncio.to_thread(Upload.new, context)
    place = account.url(context, made.name)
    token = account.sas(context, made.name, permissions=_EVERYTHING, seconds=_UPLOAD_SECONDS)
    return json_response(
        {
            "pendingUploadId": made.name,
            "pendingUploadType": "TemporaryBlobReference",
            "blobReferenceForConsumption": {
                "blobUri": place,
                "storageAccountArmId": "",
                "credential": {"credentialType": "SAS", "sasUri": f"{place}?{token}"},
            },
        }
    )


async def create(request: Request, context: Context) -> Response:
    """What was sent becomes a snapshot, and its container goes."""
    name, version = request.fields["name"], request.fields["version"]
    known = [one for one in (await context.codes.list(name)).value if one.version == version]
    if known:  # a version keeps its files; a PUT of it again is a repeated one
        return json_response(_code(request, context, known[0]))
    properties = await assets.said_properties(request)
    said = assets.as_said(properties)
    with assets.refusing():
        folder, upload = await _source(context, str(properties.get("codeUri") or ""))
        plain = said.plain_properties
        made = await context.codes.create(
            body=CreateCode(
                name=name,
                version=version,
                path=str(folder),
                digest=_digest(plain.get("hash_sha256", ""), plain.get("hash_version", "")),
                description=said.description or "",
                tags=said.plain_tags,
                properties=plain,
            )
        )
    if upload is not None:
        await asyncio.to_thread(upload.forget)
    return json_response(_code(request, context, made), 201)


# -- translation --------------------------------------------------------------------------------


def _digest(found: str, version: str) -> str:
    return f"{version}:{found}" if found else ""


async def _source(context: Context, uri: str) -> tuple[Path, Upload | None]:
    """The folder that ``codeUri`` names, and the upload that it is of. Raises `Invalid`."""
    split = assets.split_address(context, uri)
    upload = Upload.at(context, split[0]) if split is not None else None
    if split is None or upload is None:
        reference = parse(await assets.short_uri(context, uri))
        if not isinstance(reference, InDatastore):
            raise Invalid(f"{uri!r} is no place of code.", target="$.properties.codeUri")
        root = Path((await context.datastores.get(reference.datastore)).path)
        return _below(root, reference.path), None
    return _below(upload.root, split[1]), upload


def _below(root: Path, inner: str) -> Path:
    path = inner.strip("/").removesuffix(".").strip("/")
    try:
        found = folders.inside(root, names.blob(path)) if path else root
    except Refusal as refusal:
        raise Invalid(refusal.message, target="$.properties.codeUri") from None
    if found is None or not found.is_dir():
        raise Invalid(
            f"No folder {path!r} was sent.",
            target="$.properties.codeUri",
            hint="Submit again: what was sent is kept for a day.",
        )
    return found


def _code(request: Request, context: Context, one: Code) -> Json:
    properties: Json = {
        "description": one.description or None,
        "tags": one.tags,
        "properties": one.properties,
        "isArchived": False,
        "isAnonymous": True,
        "codeUri": account.url(context, f"snapshot-{one.snapshot.removeprefix(PREFIX)}") + "/",
        "provisioningState": "Succeeded",
    }
    path = ("codes", one.name, "versions", one.version)
    return resource(request.scope, path, properties, created_at=one.created_at, user=context.user)


def _container(request: Request, context: Context, versions: list[Code]) -> Json:
    properties: Json = {
        "description": versions[0].description or None,
        "tags": {},
        "properties": {},
        "isArchived": False,
        "latestVersion": versions[0].version,
        "nextVersion": next_version(one.version for one in versions),
        "provisioningState": "Succeeded",
    }
    path = ("codes", versions[0].name)
    created_at = versions[-1].created_at
    return resource(request.scope, path, properties, created_at=created_at, user=context.user)


_ONE = WS + "/codes/{name}"
_VERSION = _ONE + "/versions/{version}"

ROUTES = (
    Route("CodeContainers_List", "GET", WS + "/codes", list_containers),
    Route("CodeContainers_Get", "GET", _ONE, get_container),
    Route("CodeVersions_List", "GET", _ONE + "/versions", list_versions),
    Route("CodeVersions_Get", "GET", _VERSION, get),
    Route("CodeVersions_CreateOrUpdate", "PUT", _VERSION, create),
    Route(
        "CodeVersions_CreateOrGetStartPendingUpload",
        "POST",
        _VERSION + "/startPendingUpload",
        start_upload,
    ),
)
