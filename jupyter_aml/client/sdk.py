"""The stock Azure SDK on this machine: the variables that lead it here, and one client of it.

What a shell or a kernel sets so that an unmodified script of azure-ai-ml runs against the local
workspace (``service env``), and `ml_client`, which needs none of that. The SDK is imported by
`ml_client` alone, when it is called: it takes seconds.
"""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Generator, Mapping, MutableMapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import msgspec

from jupyter_aml.client.client import Client, client_of, connect
from jupyter_aml.model.azure import BASE_URL, BUNDLE, ArmAccess, no_proxy, sdk_variables
from jupyter_aml.model.errors import Unauthorized, Unavailable
from jupyter_aml.model.names import LOCAL

CREDENTIALS = (
    "AZURE_ADDITIONALLY_ALLOWED_TENANTS",
    "AZURE_AUTHORITY_HOST",
    "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    "AZURE_CLIENT_CERTIFICATE_PATH",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_PASSWORD",
    "AZURE_TENANT_ID",
    "AZURE_TOKEN_CREDENTIALS",
    "AZURE_USERNAME",
    "IDENTITY_SERVER_THUMBPRINT",
    "MSI_ENDPOINT",
    "MSI_SECRET",
)
"""What azure-identity would take a credential from: with one of them a script would reach Azure."""
CLOUDS = ("ARM_CLOUD_METADATA_URL", "AZUREML_CURRENT_CLOUD")
"""What would lead the SDK to other addresses than ours."""
INSTALL = "pip install 'jupyter-aml[azure]'"


class SdkEnvironment(msgspec.Struct, frozen=True):
    """Variables to set, and to unset."""

    set: dict[str, str]
    unset: list[str]

    def apply(self, environ: MutableMapping[str, str]) -> None:
        """Make `environ` so."""
        for name in self.unset:
            environ.pop(name, None)
        environ.update(self.set)


def sdk_environment(home: Path, environ: Mapping[str, str]) -> SdkEnvironment:
    """Open the compatible API (starting the service if need be); what leads the SDK there.

    Said again for an environment in which it holds already, it is the same.
    """
    client = client_of(home)
    try:
        return variables(client.arm.open(environ.get(BUNDLE, "")), environ)
    finally:
        client.close()


def variables(access: ArmAccess, environ: Mapping[str, str]) -> SdkEnvironment:
    """The variables for an API that is open."""
    found = sdk_variables(access, environ)
    return SdkEnvironment(set=found, unset=sorted((*CREDENTIALS, *CLOUDS)))


def ml_client(workspace: str | None = None) -> Any:
    """A stock ``azure.ai.ml.MLClient`` for the workspace ("local", which it is unless told).

    It has a credential of its own. This process's environment gets a bundle of certificates that
    holds ours beside those it trusts anyway, and loopback among NO_PROXY; nothing else of it
    stays changed. Raises `Unavailable` where the SDK is not installed.
    """
    sdk = _sdk()
    client = connect(workspace or LOCAL)
    try:
        access = client.arm.open(os.environ.get(BUNDLE, ""))
        return _made(sdk, access, client)
    finally:
        client.close()


def _made(sdk: Any, access: ArmAccess, client: Client) -> Any:
    os.environ[BUNDLE] = access.ca_bundle
    for name in ("NO_PROXY", "no_proxy"):
        if name == "NO_PROXY" or name in os.environ:
            os.environ[name] = no_proxy(os.environ.get(name, ""))
    credential = LocalCredential(access.identity_endpoint, client.home)
    with _changed(BASE_URL, access.url):
        return sdk.MLClient(
            credential,
            access.subscription_id,
            access.resource_group,
            access.workspace_name,
            enable_telemetry=False,
        )


def _sdk() -> Any:
    # By name: no folder of ours imports Azure's SDK, this function does when a person calls it.
    try:
        return import_module("azure.ai.ml")
    except ModuleNotFoundError as error:
        raise Unavailable(
            f"The Azure ML SDK is not installed: {error.name} is missing.",
            target="azure",
            hint=INSTALL,
        ) from error


@contextmanager
def _changed(name: str, value: str) -> Generator[None]:
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


class Token(NamedTuple):
    """What azure-core expects of a credential."""

    token: str
    expires_on: int


class LocalCredential:
    """Tokens of the local workspace, for azure-core; asks for the secret when it needs one."""

    def __init__(self, endpoint: str, home: Path) -> None:
        self._endpoint = endpoint
        self._home = home

    def get_token(self, *scopes: str, **_more: Any) -> Token:
        """A token for the first of `scopes`. Raises `Unauthorized` when there is none."""
        client = client_of(self._home)
        try:
            access = client.arm.open(os.environ.get(BUNDLE, ""))
        finally:
            client.close()
        scope = scopes[0] if scopes else "https://management.azure.com"
        return fetch_token(access, scope.removesuffix("/.default"))

    def close(self) -> None:
        """Nothing is kept open."""

    def __repr__(self) -> str:
        return f"LocalCredential({self._endpoint!r})"


def fetch_token(access: ArmAccess, resource: str) -> Token:
    """A token of the identity endpoint. Raises `Unauthorized` with what it says."""
    parts = urlsplit(access.identity_endpoint)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    query = urlencode({"resource": resource, "api-version": "2019-08-01"})
    try:
        headers = {"X-IDENTITY-HEADER": access.identity_header}
        connection.request("GET", f"{parts.path}?{query}", headers=headers)
        answer = connection.getresponse()
        said = json.loads(answer.read())
    except (OSError, ValueError) as error:
        raise Unauthorized(
            f"The endpoint for tokens does not answer: {error}.", target=access.identity_endpoint
        ) from error
    finally:
        connection.close()
    if answer.status != 200:
        raise Unauthorized(str(said.get("error", {}).get("message", said)), target=resource)
    return Token(said["access_token"], int(said["expires_on"]))
