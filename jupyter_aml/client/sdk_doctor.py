"""``doctor azure``: what may keep the stock Azure SDK from this machine, and what would leave it.

Looks only: opens nothing and starts nothing.
"""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit

from jupyter_aml.client import discovery, sdk
from jupyter_aml.client.client import client_of
from jupyter_aml.client.doctor import Check
from jupyter_aml.model.azure import BASE_URL, BUNDLE, ArmAccess
from jupyter_aml.model.errors import AmlError

PACKAGES = ("azure-ai-ml", "azure-identity", "cryptography")
TESTED = "1.35.2"
"""The version of azure-ai-ml that this was tested with."""

HOSTS = {
    "management.azure.com": "creating and deleting workspaces, generic resources",
    "login.microsoftonline.com": "every credential but DefaultAzureCredential and managed identity",
    "eastus.api.azureml.ms": "registries and deployment templates",
    "westus2.api.azureml.ms": "virtual clusters",
    "azuremlschemasprod.azureedge.net": "the schema of an MLTable; without it that is not checked",
    "westus2-0.in.applicationinsights.azure.com": "the SDK's own telemetry, from notebooks only: "
    "MLClient(…, enable_telemetry=False)",
}
"""Written in azure-ai-ml itself, with what asks them: no variable leads these to this machine."""

_EXPORT = 'eval "$(jupyter aml service env)"'


def diagnose(home: Path) -> list[Check]:
    """Every check, in the order in which one needs the other."""
    access = _access(home)
    checks: list[Callable[[ArmAccess], Check]] = [_open, _certificate, _token, _here, _credentials]
    return [*map(_package, PACKAGES), *(check(access) for check in checks), *_hosts()]


def _access(home: Path) -> ArmAccess:
    """How to reach the API; closed where no service runs."""
    closed = ArmAccess(state="closed")
    try:
        if discovery.find(home) is None:
            return closed
        client = client_of(home, start=False)
        try:
            return client.arm.status()
        finally:
            client.close()
    except AmlError:
        return closed


def _package(name: str) -> Check:
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return Check(name=name, level="fail", message="is not installed.", fix=sdk.INSTALL)
    if name == "azure-ai-ml" and version != TESTED:
        message = f"{version}; this was tested with {TESTED}."
        return Check(name=name, level="warn", message=message)
    return Check(name=name, level="ok", message=version)


def _open(access: ArmAccess) -> Check:
    name = "Compatible API"
    if access.state == "closed":
        message = "is closed; it opens when somebody asks for it."
        return Check(name=name, level="ok", message=message, fix=_EXPORT)
    return Check(name=name, level="ok", message=f"is open at {access.url}.")


def _certificate(access: ArmAccess) -> Check:
    """A real handshake, by the bundle that this process would use, with strict checks."""
    name = "Certificate"
    if access.state == "closed":
        return Check(name=name, level="ok", message="is made when the API opens.")
    if not os.environ.get(BASE_URL):
        message = f"lasts until {access.certificate_ends[:10]}; this process does not use it."
        return Check(name=name, level="ok", message=message)
    bundle = os.environ.get(BUNDLE, "")
    address = urlsplit(access.url)
    try:
        context = ssl.create_default_context(cafile=bundle or None)
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        where = (address.hostname or "", address.port or 0)
        with (
            socket.create_connection(where, timeout=10) as plain,
            context.wrap_socket(plain, server_hostname=address.hostname),
        ):
            pass
    except (OSError, ssl.SSLError) as error:
        message = f"{BUNDLE} of this process does not trust it: {error}."
        return Check(name=name, level="warn", message=message, fix=_EXPORT)
    return Check(
        name=name, level="ok", message=f"is trusted, until {access.certificate_ends[:10]}."
    )


def _token(access: ArmAccess) -> Check:
    name = "Token"
    header = os.environ.get("IDENTITY_HEADER", "")
    if access.state == "closed" or not header:
        message = "This process has no IDENTITY_HEADER, so DefaultAzureCredential gets none here."
        return Check(name=name, level="ok", message=message, fix=_EXPORT)
    ours = ArmAccess(
        state="open", identity_endpoint=access.identity_endpoint, identity_header=header
    )
    try:
        sdk.fetch_token(ours, "https://management.azure.com")
    except AmlError as error:
        return Check(name=name, level="fail", message=error.message, fix=_EXPORT)
    return Check(name=name, level="ok", message="DefaultAzureCredential gets one of this machine.")


def _here(access: ArmAccess) -> Check:
    name = "Where scripts go"
    present = os.environ.get(BASE_URL, "")
    if not present:
        message = "to Azure: this process has no variables of the local workspace."
        return Check(name=name, level="ok", message=message, fix=_EXPORT)
    if present != access.url:
        message = f"to {present}, where nothing of this home listens."
        return Check(name=name, level="fail", message=message, fix=_EXPORT)
    return Check(name=name, level="ok", message="to the local workspace.")


def _credentials(_access: ArmAccess) -> Check:
    name = "Other credentials"
    # MLClient itself sets the cloud that is meant anyway.
    known = (*sdk.CREDENTIALS, *sdk.CLOUDS)
    found = [one for one in known if os.environ.get(one, "AzureCloud") not in ("", "AzureCloud")]
    if not found or not os.environ.get(BASE_URL):
        return Check(name=name, level="ok", message="none that gets in the way.")
    message = f"{', '.join(found)} would be taken before those of the local workspace."
    return Check(name=name, level="warn", message=message, fix=_EXPORT)


def _hosts() -> list[Check]:
    return [
        Check(name=host, level="ok", message=f"in Azure all the same: {what}")
        for host, what in HOSTS.items()
    ]
