"""The Azure-compatible API: what the service takes for a request, and what the stock SDK feels.

Requests go over one kept TLS connection, so a figure is the service's own time and a loopback
round trip. The SDK's time is the SDK's for the most part: it is here because people wait for it.
"""

from __future__ import annotations

import http.client
import itertools
import json
import ssl
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

from bench.driver import Figures, medians, ms_since, serve
from bench.ours import Home
from jupyter_aml.client.sdk import fetch_token, ml_client
from jupyter_aml.model.compute import AmlCompute

CLUSTER = "nodes"
_READS = ("", "/computes", f"/computes/{CLUSTER}", "/jobs", "/datastores", "/models")
_WORKSPACE = (
    "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.MachineLearningServices/workspaces/{}"
)


class AzureSdk:
    """Operations on one service with the compatible API open."""

    def __init__(self) -> None:
        self._home = Home(is_loaded=False)
        self._numbers = itertools.count()
        self._sdk: Any = None

    def start(self) -> Figures:
        """Open it. The first figure that anybody waits for: the service runs already."""
        self._client = self._home.connect()
        self._client.compute.create(AmlCompute(name=CLUSTER, size="local.1cpu-1gb"))
        start = perf_counter()
        access = self._client.arm.open()
        took = ms_since(start)
        context = ssl.create_default_context(cafile=access.ca_bundle)
        where = urlsplit(access.url).netloc
        self._connection = http.client.HTTPSConnection(where, context=context)
        self._token = fetch_token(access, "https://management.azure.com").token
        self._path = _WORKSPACE.format(
            access.subscription_id, access.resource_group, access.workspace_name
        )
        return {"open ms": took}

    def close(self) -> None:
        self._home.end()

    def reads(self, count: int) -> Figures:
        """The median over all kinds of reads, each as often."""
        return {"ms": median(self._timed("GET", path) for path in _READS for _ in range(count))}

    def create(self, count: int) -> Figures:
        """A command job, durably accepted; canceled at once, so that it measures nothing else."""
        return {"ms": median(self._created() for _ in range(count))}

    def submit(self, count: int) -> Figures:
        """``MLClient.jobs.create_or_update`` with a code folder that is there already.

        ``calls ms`` is what of it was spent waiting for the service; the rest is the SDK's own.
        """
        if self._sdk is None:
            self._sdk = self._made_sdk()
        return medians(self._submitted() for _ in range(count))

    def _timed(self, method: str, path: str, body: object = None) -> float:
        content = None if body is None else json.dumps(body)
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        start = perf_counter()
        self._connection.request(method, self._path + path, content, headers)
        answer = self._connection.getresponse()
        said = answer.read()
        took = ms_since(start)
        if answer.status >= 400:
            raise RuntimeError(said.decode())
        return took

    def _created(self) -> float:
        name = f"bench-{next(self._numbers)}"
        properties = {
            "jobType": "Command",
            "command": "echo hi",
            "computeId": f"{self._path}/computes/{CLUSTER}",
            "environmentId": "azureml:kernel:1",
            "experimentName": "bench",
        }
        took = self._timed("PUT", f"/jobs/{name}", {"properties": properties})
        self._client.jobs.cancel(name)
        return took

    def _made_sdk(self) -> Any:
        import os

        os.environ["JUPYTER_AML_HOME"] = str(self._home.path)
        self._code = tempfile.mkdtemp(prefix="bench-code-")
        Path(self._code, "main.py").write_text("print('hi')\n")
        self._count_calls()
        return ml_client()

    def _submitted(self) -> Figures:
        from azure.ai.ml import command

        job = command(
            command="python main.py",
            code=self._code,
            compute=CLUSTER,
            environment="azureml:kernel:1",
        )
        self._in_calls = 0.0
        start = perf_counter()
        made = self._sdk.jobs.create_or_update(job)
        took = ms_since(start)
        self._client.jobs.cancel(made.name)
        return {"ms": took, "calls ms": self._in_calls}

    def _count_calls(self) -> None:
        from azure.core.pipeline.transport import RequestsTransport

        send = RequestsTransport.send

        def timed(transport: Any, request: Any, **named: Any) -> Any:
            start = perf_counter()
            try:
                return send(transport, request, **named)
            finally:
                self._in_calls += ms_since(start)

        RequestsTransport.send = timed


if __name__ == "__main__":
    serve(AzureSdk())
