"""``jupyter-aml/feed``: one WebSocket per tab, on one streaming body of the service.

Lines of the body go to the browser as text, unparsed, several in one message when they came
together. While the browser is slow the body is not read, and the service sends it only the newest
state. What the browser says is posted to its feed verbatim.

``feed?start=false`` is how a tab connects again by itself: a service that was stopped stays so,
one that died is started.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator

import msgspec
from jupyter_server.auth.decorator import authorized, ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from jupyter_aml.model.errors import AmlError, ErrorEnvelope, Unavailable, from_body
from jupyter_aml.server import upstream
from jupyter_aml.server.endpoint import Endpoint
from jupyter_aml.server.handler import RESOURCE, SETTING
from jupyter_aml.server.link import ServiceLink

MESSAGE_BYTES = 65_536
REASON_BYTES = 123  # RFC 6455: a control frame holds 125, two of them are the code

ENDED = 4000
"""Close code: the service has ended the feed. Connect again, with ``start=false``."""
UNAVAILABLE = 4503
"""Close code: the service is stopped, or could not be reached. Connect again after a while."""
NOT_TEXT = 1003


class FeedHandler(  # pyright: ignore[reportIncompatibleMethodOverride] - Jupyter's own mix
    WebSocketMixin, WebSocketHandler, JupyterHandler
):
    """Reading is all that a feed allows: it follows and unfollows."""

    auth_resource = RESOURCE

    def initialize(self) -> None:
        self._id = secrets.token_hex(16)
        self._relaying: asyncio.Task[None] | None = None
        self._opened: asyncio.Future[Endpoint | None] | None = None

    @property
    def link(self) -> ServiceLink:
        return self.settings[SETTING]

    @property
    def max_message_size(self) -> int:
        """Asked by tornado, which closes with 1009 beyond it."""
        return MESSAGE_BYTES

    @ws_authenticated
    @authorized
    async def get(self) -> None:
        await super().get()

    def open(self) -> None:
        super().open()
        self._opened = asyncio.get_running_loop().create_future()
        self._relaying = asyncio.create_task(self._relay())

    async def on_message(self, message: str | bytes) -> None:
        """Tornado takes the next message after this one: commands keep their order."""
        if isinstance(message, bytes):
            self.close(NOT_TEXT, "A feed takes text.")
            return
        assert self._opened is not None
        endpoint = await asyncio.shield(self._opened)
        if endpoint is not None:
            await self._command(endpoint, message.encode())

    def on_close(self) -> None:
        if self.ping_callback is not None:
            self.ping_callback.stop()
        if self._relaying is not None:
            self._relaying.cancel()

    async def _relay(self) -> None:
        """Open the feed and pass its lines on, until either side ends."""
        code, reason = ENDED, "The service has ended the feed."
        try:
            await self._pass_on()
        except AmlError as error:
            code, reason = UNAVAILABLE, error.message
        except WebSocketClosedError:
            pass  # the browser has gone
        finally:
            self._tell_opened(None)
            self.close(code, fitting(reason))

    async def _pass_on(self) -> None:
        may_start = self.get_query_argument("start", "true") != "false"
        async with await self.link.ask(
            "GET", f"/v1/feed/{self._id}", may_start=may_start
        ) as answer:
            if answer.status != 200:
                raise refusal(await answer.read())
            self._tell_opened(answer.endpoint)
            async for lines in whole_lines(answer.chunks()):
                await self.write_message(lines)

    async def _command(self, endpoint: Endpoint, body: bytes) -> None:
        """Post a command; a refused one comes back as a line of type "error"."""
        headers = [("Content-Type", "application/json")]
        try:
            async with await upstream.ask(
                endpoint, "POST", f"/v1/feed/{self._id}", headers=headers, body=body
            ) as answer:
                if answer.status < 400:
                    return
                error = refusal(await answer.read())
        except upstream.NotReached:
            return  # the feed itself breaks off with the service, and says so
        except AmlError as failure:
            error = failure
        line = {"type": "error", "error": error.body()}
        try:
            await self.write_message(msgspec.json.encode(line) + b"\n")
        except WebSocketClosedError:
            pass  # the browser has gone

    def _tell_opened(self, endpoint: Endpoint | None) -> None:
        if self._opened is not None and not self._opened.done():
            self._opened.set_result(endpoint)


async def whole_lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes, cut behind a newline only; an unfinished last line is dropped."""
    unfinished: list[bytes] = []
    async for chunk in chunks:
        end = chunk.rfind(b"\n") + 1
        if end:
            yield b"".join([*unfinished, chunk[:end]])
            unfinished = [chunk[end:]]
        else:
            unfinished.append(chunk)


def refusal(body: bytes) -> AmlError:
    """The error that an answer of the service stands for."""
    try:
        return from_body(msgspec.json.decode(body, type=ErrorEnvelope).error)
    except msgspec.DecodeError:
        return Unavailable("The service refused, and did not say why.")


def fitting(reason: str) -> str:
    """As much of `reason` as a close frame holds."""
    return reason.encode()[:REASON_BYTES].decode(errors="ignore")
