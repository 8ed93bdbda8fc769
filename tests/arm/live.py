"""One real service whose compatible API is open, and the variables that lead the SDK to it."""

from __future__ import annotations

import http.client
import json
import ssl
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from jupyter_aml.model.azure import ArmAccess
from jupyter_aml.testing.service import ServiceProcess


class Live:
    """`open` has been called: `access` says where."""

    def __init__(
        self, home: Path, *arguments: str, python: str = sys.executable, **environment: str
    ) -> None:
        """`python` runs the service, and with it the jobs that bring no environment."""
        self.home = home
        self.service = ServiceProcess(home, *arguments, environment=environment, python=python)
        self.access = ArmAccess(state="closed")

    def open(self) -> None:
        """Start the service and open its compatible API."""
        self.service.start()
        self.reopen()

    def reopen(self) -> None:
        """Ask for it: the service runs."""
        answer = self.service.request("POST", "/arm", {})
        self.access = msgspec.convert(answer, ArmAccess)

    def environment(self) -> dict[str, str]:
        """What `jupyter aml service env` sets."""
        access = self.access
        return {
            "AZUREML_DEV_URL_MFE": access.url,
            "REQUESTS_CA_BUNDLE": access.ca_bundle,
            "IDENTITY_ENDPOINT": access.identity_endpoint,
            "IDENTITY_HEADER": access.identity_header,
            "NO_PROXY": "127.0.0.1,localhost",
            "AZUREML_ARM_SUBSCRIPTION": access.subscription_id,
            "AZUREML_ARM_RESOURCEGROUP": access.resource_group,
            "AZUREML_ARM_WORKSPACE_NAME": access.workspace_name,
            "AZUREML_RUN_POLLING_INTERVAL_MIN": "1",
        }

    def token(self, resource: str = "https://management.azure.com") -> str:
        """A token from the identity endpoint."""
        parts = urlsplit(self.access.identity_endpoint)
        connection = http.client.HTTPConnection(parts.netloc, timeout=30)
        try:
            headers = {"X-IDENTITY-HEADER": self.access.identity_header}
            connection.request("GET", f"{parts.path}?resource={resource}", headers=headers)
            answer = connection.getresponse()
            content = answer.read()
            assert answer.status == 200, content
            return json.loads(content)["access_token"]
        finally:
            connection.close()

    def call(
        self,
        method: str,
        path: str,
        body: bytes | dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, dict[str, str], bytes]:
        """One raw request over TLS: status, headers (as sent) and body. No token is added."""
        context = ssl.create_default_context(cafile=self.access.ca_bundle)
        where = urlsplit(self.access.url).netloc
        connection = http.client.HTTPSConnection(where, timeout=60, context=context)
        try:
            content = json.dumps(body).encode() if isinstance(body, dict) else body
            connection.request(method, path, content, headers or {})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()
