"""Sending a request to an endpoint, as any HTTP client would, with its own key."""

from __future__ import annotations

import asyncio
import http.client
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import msgspec

from jupyter_aml.model.endpoint import Answer, Invoke
from jupyter_aml.model.errors import Unavailable
from jupyter_aml.service.backends.local.endpoints import tables
from jupyter_aml.service.backends.local.endpoints.state import LiveEndpoint

_SECONDS = 240.0
"""Longer than any request may take, waking an endpoint included."""
_AT_ONCE = 8
DEPLOYMENT_HEADER = "azureml-model-deployment"


@dataclass
class Invoking:
    """A few threads of its own: a slow model must not hold up whatever else the service does."""

    pool: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="invoke")
    )

    async def invoke(self, live: LiveEndpoint, body: Invoke, bearer: str) -> Answer:
        """Whatever the endpoint answers. Raises `Unavailable` where nothing does."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self.pool, _send, live.record.port, body, bearer)
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable(
                f"The endpoint {live.name} does not answer: {live.record.reason or error}.",
                target=live.name,
                hint=f"`%aml online-endpoint show {live.name}`",
                details=[repr(error)],
            ) from error

    def close(self) -> None:
        self.pool.shutdown(wait=False, cancel_futures=True)


def _send(port: int, body: Invoke, bearer: str) -> Answer:
    headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
    if body.deployment:
        headers[DEPLOYMENT_HEADER] = body.deployment
    began = time.monotonic()
    connection = http.client.HTTPConnection(tables.HOST, port, timeout=_SECONDS)
    try:
        connection.request("POST", "/score", bytes(body.request_data), headers)
        answer = connection.getresponse()
        content = answer.read()
    finally:
        connection.close()
    json, text = read_answer(content)
    return Answer(
        status=answer.status,
        body=json,
        text=text,
        deployment=answer.headers.get(DEPLOYMENT_HEADER, ""),
        request_id=answer.headers.get("x-ms-request-id", ""),
        seconds=round(time.monotonic() - began, 6),
    )


def read_answer(content: bytes) -> tuple[msgspec.Raw, str]:
    """The body as JSON, or as text."""
    try:
        msgspec.json.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return msgspec.Raw(b"null"), content.decode("utf-8", "replace")
    return msgspec.Raw(content), ""
