"""Connections: how something outside of the workspace is reached, and with what credentials.

In Azure's words, those of the 2025-12-01 API. What a connection says is shown to everybody who
may see the workspace; its credentials are kept apart, and told only to who asks for them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

ConnectionName = Annotated[str, Meta(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_-]{2,32}$")]
"""Two that differ in the case of letters alone are the same."""

AuthType = Literal[
    "PAT",
    "ManagedIdentity",
    "UsernamePassword",
    "None",
    "SAS",
    "AccountKey",
    "ServicePrincipal",
    "AccessKey",
    "ApiKey",
    "CustomKeys",
    "OAuth2",
    "AAD",
]

Credentials = dict[str, str | dict[str, str]]
"""As Azure sends them: ``{"key": …}``, ``{"username": …, "password": …}``, and of custom keys
``{"keys": {name: …}}``."""


class ConnectionFields(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What is said of a connection."""

    name: ConnectionName
    category: str
    """What it leads to, in Azure's words: Git, PythonFeed, AzureOpenAI, CustomKeys …"""
    auth_type: AuthType
    target: str = ""
    """Its address, where it has one."""
    metadata: dict[str, Any] = {}
    azure: dict[str, Any] = {}
    """Fields of Azure's that mean nothing here, given back as they were sent."""


class CreateConnection(ConnectionFields, rename="camel", frozen=True, kw_only=True):
    """What `connections.create` takes."""

    credentials: Credentials | None = None
    """None keeps those of the connection that is replaced, if they are of the same kind."""

    def __repr__(self) -> str:
        return f"CreateConnection(name={self.name!r}, category={self.category!r})"  # no secret


class Connection(ConnectionFields, rename="camel", frozen=True, kw_only=True):
    """One, without its credentials."""

    created_at: str = ""
    modified_at: str = ""


class ConnectionList(msgspec.Struct, rename="camel", frozen=True):
    """Oldest first."""

    value: list[Connection]
