"""What data, environments, models, components and code have in common in ARM: what a body says of
a version, and addresses of files."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Mapping
from typing import Any
from urllib.parse import unquote

import msgspec

from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.model.references import InDatastore, in_datastore, parse
from jupyter_aml.service.arm.blob import account, containers
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.message import Request, convert
from jupyter_aml.service.arm.scope import Scope

Json = dict[str, Any]
Scalar = str | int | float | bool | None
"""Azure says text; the SDK sends the version of its hash as a number."""


class Said(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What a body says of any asset. None is not said."""

    description: str | None = None
    tags: dict[str, Scalar] | None = None
    properties: dict[str, Scalar] | None = None
    is_archived: bool | None = None
    is_anonymous: bool | None = None

    @property
    def plain_tags(self) -> dict[str, str]:
        return _plain(self.tags)

    @property
    def plain_properties(self) -> dict[str, str]:
        return _plain(self.properties)


class Body(msgspec.Struct, frozen=True):
    """A body of ARM: all that matters is in ``properties``."""

    properties: Json = {}


async def said_properties(request: Request) -> Json:
    """``properties`` of the body. Raises `Invalid`."""
    return (await request.struct(Body)).properties


def as_said(properties: Json) -> Said:
    """The part of `properties` that every asset has. Raises `Invalid`."""
    return convert(properties, Said, "$.properties")


def as_object(value: object, path: str) -> Json:
    """`value` as a JSON object; empty where it is null. Raises `Invalid`."""
    return {} if value is None else convert(value, Json, path)


def _plain(said: Mapping[str, Scalar] | None) -> dict[str, str]:
    return {name: "" if value is None else str(value) for name, value in (said or {}).items()}


@contextlib.contextmanager
def refusing() -> Generator[None]:
    """In a PUT: what the body refers to is not there, which is no 404 of the thing itself."""
    try:
        yield
    except NotFound as error:
        raise Invalid(
            error.message, target=error.target, hint=error.hint, details=error.details
        ) from None


# -- addresses of files -----------------------------------------------------------------------


def long_uri(scope: Scope, path: str) -> str:
    """``azureml://datastores/…`` with the workspace, as ARM tells it; others stay as they are."""
    below = f"subscriptions/{scope.subscription}/resourcegroups/{scope.group}"
    place = f"azureml://{below}/workspaces/{scope.workspace}/datastores/"
    return path.replace("azureml://datastores/", place, 1)


async def short_uri(context: Context, text: str) -> str:
    """An address as a body has it, in the form that the domain keeps. Raises `Invalid`."""
    inner = await in_account(context, text)
    if inner is not None:
        return in_datastore(*inner)
    found = parse(text)
    if isinstance(found, InDatastore):
        return in_datastore(found.datastore, found.path)
    return text


async def in_account(context: Context, text: str) -> tuple[str, str] | None:
    """Datastore and path of an https address of our own account; None for any other."""
    split = split_address(context, text)
    if split is None:
        return None
    datastores = (await context.datastores.list()).value
    found = containers.by_container(datastores).get(split[0])
    if found is None:
        raise Invalid(f"{text!r} is in no datastore.", target="path")
    return found.name, split[1]


def split_address(context: Context, text: str) -> tuple[str, str] | None:
    """Container and blob of an https address of our own account; None for any other.

    The SDK joins the address of a build's folder so that the account is lost.
    """
    scheme, _, rest = text.partition("://")
    host, _, path = rest.partition("/")
    if scheme != "https" or host not in context.hosts:
        return None
    first, _, below = path.partition("/")
    inner = below if first.lower() == account.HOST else path
    container, _, blob = inner.partition("?")[0].partition("/")
    return container, unquote(blob)
