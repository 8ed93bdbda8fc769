"""The compatible API: where the stock Azure SDK finds this machine."""

from __future__ import annotations

from typing import Literal

import msgspec


class OpenArm(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Body of `arm.open`."""

    ca_bundle: str = ""
    """What the caller's REQUESTS_CA_BUNDLE says; "" for the certificates of certifi."""


class ArmAccess(msgspec.Struct, rename="camel", frozen=True, kw_only=True, omit_defaults=True):
    """How to reach it. While it is closed only ``state`` says something."""

    state: Literal["open", "closed"]
    url: str = ""
    """``https://127.0.0.1:PORT``: in the place of https://management.azure.com."""
    identity_endpoint: str = ""
    identity_header: str = ""
    """A secret: who has it gets tokens for the local workspace."""
    ca_bundle: str = ""
    """A file: the authorities the caller trusts already, and ours."""
    certificate_ends: str = ""
    subscription_id: str = ""
    resource_group: str = ""
    workspace_name: str = ""
    tenant_id: str = ""

    def __repr__(self) -> str:
        return f"ArmAccess(state={self.state!r}, url={self.url!r})"  # no secret
