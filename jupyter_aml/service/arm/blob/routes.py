"""Operations of blobs and containers. Each proves its caller itself (`access`)."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable

from jupyter_aml.model.errors import AmlError
from jupyter_aml.service.arm.blob import (
    access,
    account,
    containers,
    listing,
    names,
    reading,
    writing,
)
from jupyter_aml.service.arm.blob.access import Grant
from jupyter_aml.service.arm.blob.containers import Container
from jupyter_aml.service.arm.blob.refusal import Refusal
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.message import Request, Response
from jupyter_aml.service.arm.route import Handler, Route

VERSION = "2025-01-05"
"""Of Azure Storage's API: what is said to a caller who names none."""

OfBlob = Callable[[Request, Container, str, Grant], Awaitable[Response]]

_PUTS: dict[str, OfBlob] = {
    "": writing.put,
    "block": writing.put_block,
    "blocklist": writing.put_list,
    "metadata": writing.put_metadata,
}


def _answered(handler: Handler) -> Handler:
    """Refusals in Storage's words, and the headers that each of its answers has."""

    @functools.wraps(handler)
    async def answer(request: Request, context: Context) -> Response:
        try:
            response = await handler(request, context)
        except Refusal as refusal:
            response = refusal.response()
        except AmlError as error:
            response = Refusal.of(error).response()
        response.headers.append(("x-ms-version", request.header("x-ms-version") or VERSION))
        return response

    return answer


async def _opened(request: Request, context: Context) -> tuple[Container, str, Grant]:
    """The container and the blob that are meant, and what the caller may do with them."""
    blob = request.fields.get("blob", "")
    if blob and request.path.endswith("/"):
        blob += "/"  # which the routes leave out: a "folder" is no blob
    container = request.fields["container"]
    grant = access.check(request, context, container, blob)
    if blob:
        names.blob(blob)
    return await containers.get(context, container), blob, grant


@_answered
async def read(request: Request, context: Context) -> Response:
    container, blob, grant = await _opened(request, context)
    _need_plain(request)
    grant.need("r")
    return await reading.answer(request, container, blob)


@_answered
async def write(request: Request, context: Context) -> Response:
    put = _PUTS.get(request.query.get("comp", "").lower())
    if put is None:
        raise _unsupported(request)
    container, blob, grant = await _opened(request, context)
    return await put(request, container, blob, grant)


@_answered
async def delete(request: Request, context: Context) -> Response:
    container, blob, grant = await _opened(request, context)
    _need_plain(request)
    return await writing.delete(request, container, blob, grant)


@_answered
async def read_container(request: Request, context: Context) -> Response:
    """List its blobs, or tell that it is there."""
    container, _, grant = await _opened(request, context)
    grant.need_container()
    if request.query.get("restype", "").lower() != "container":
        raise _unsupported(request)
    if request.query.get("comp", "").lower() == "list":
        grant.need("l")
        return await listing.answer(request, context, container)
    _need_plain(request)
    grant.need("r", "l")
    moment = reading.moment(context.clock.time())
    headers = [("ETag", f'"{container.name}"'), ("Last-Modified", moment)]
    return Response(200, headers=headers)


@_answered
async def create_container(request: Request, context: Context) -> Response:
    """All that there can be are there."""
    container, _, _ = await _opened(request, context)
    raise Refusal(409, "ContainerAlreadyExists", f"The container {container.name} is there.")


def _need_plain(request: Request) -> None:
    if request.query.get("comp"):
        raise _unsupported(request)


def _unsupported(request: Request) -> Refusal:
    said = request.query.get("comp", "")[:40]
    return Refusal(
        400, "UnsupportedQueryParameter", f"{request.method} with comp={said!r} is not served here."
    )


_CONTAINER = f"/{account.HOST}/{{container}}"
_BLOB = f"{_CONTAINER}/{{blob*}}"

ROUTES = (
    Route("blob_get", "GET", _BLOB, read, guard="own", note="Whole, or one range."),
    Route("blob_get_properties", "HEAD", _BLOB, read, guard="own"),
    Route(
        "blob_put",
        "PUT",
        _BLOB,
        write,
        guard="own",
        note="Block blobs: whole, by block and block list, and their metadata.",
    ),
    Route("blob_delete", "DELETE", _BLOB, delete, guard="own"),
    Route("container_list_blobs", "GET", _CONTAINER, read_container, guard="own"),
    Route("container_get_properties", "HEAD", _CONTAINER, read_container, guard="own"),
    Route(
        "container_create",
        "PUT",
        _CONTAINER,
        create_container,
        "accepted",
        guard="own",
        note="A container comes with its datastore.",
    ),
)
