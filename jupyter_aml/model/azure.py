"""The compatible API: where the stock Azure SDK finds this machine, and what leads it there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

LOOPBACK = ("127.0.0.1", "localhost")
BASE_URL = "AZUREML_DEV_URL_MFE"
BUNDLE = "REQUESTS_CA_BUNDLE"


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


def sdk_variables(access: ArmAccess, environ: Mapping[str, str]) -> dict[str, str]:
    """What leads the SDK to an API that is open: of a shell by ``service env``, and of jobs.

    `environ` is what is there already; loopback is added to the hosts it keeps from a proxy.
    """
    found = {
        BASE_URL: access.url,
        BUNDLE: access.ca_bundle,
        "IDENTITY_ENDPOINT": access.identity_endpoint,
        "IDENTITY_HEADER": access.identity_header,
        "NO_PROXY": no_proxy(environ.get("NO_PROXY", "")),
        "AZUREML_ARM_SUBSCRIPTION": access.subscription_id,
        "AZUREML_ARM_RESOURCEGROUP": access.resource_group,
        "AZUREML_ARM_WORKSPACE_NAME": access.workspace_name,
        "AZUREML_RUN_POLLING_INTERVAL_MIN": "1",
    }
    if "no_proxy" in environ:  # where both are there the small one counts
        found["no_proxy"] = no_proxy(environ["no_proxy"])
    return found


def no_proxy(present: str) -> str:
    """`present` and this machine's own names, each once."""
    names = [name.strip() for name in present.split(",") if name.strip()]
    return ",".join([*names, *(name for name in LOOPBACK if name not in names)])
