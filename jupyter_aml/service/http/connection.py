"""A connection to the service's own API: bodies are taken whole, answers may stream."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from jupyter_aml.model.errors import AmlError, TooLarge
from jupyter_aml.service.http import message
from jupyter_aml.service.http.message import Request, Stream
from jupyter_aml.service.http.wire import DISCARD_LIMIT, HEAD_LIMIT, Wire

if TYPE_CHECKING:
    from jupyter_aml.service.http.server import Server

UNKNOWN_SECONDS = 10.0
"""How long a connection may stay without one request that the gate let in."""

_WANTED = frozenset({b"authorization", b"host", b"origin", b"content-length", b"expect"})


class Connection(Wire[Request]):
    """Made by `Server` for each client."""

    def __init__(self, server: Server) -> None:
        super().__init__(server.listening)
        self._server = server
        self._streaming = False
        self.used = False
        """A request that makes use of the service is being answered."""

    def _opened(self) -> None:
        self._leave_after(UNKNOWN_SECONDS, self.abort)

    def _lost(self) -> None:
        # A request that changes something is carried out; a stream has nobody to go to.
        if self._task is not None and self._streaming:
            self._task.cancel()

    def close(self) -> None:
        """End what is being streamed and hang up."""
        if self._task is not None and self._streaming:
            self._task.cancel()
        else:
            super().close()

    # -- httptools --------------------------------------------------------------------------

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head += len(name) + len(value)
        if self._head > HEAD_LIMIT:
            self._refuse_head()
        name = name.lower()
        if name in _WANTED:
            self._headers.setdefault(name, []).append(value)

    def on_headers_complete(self) -> None:
        given = self._headers.get
        self._refused = self._server.gate.refusal(
            authorization=given(b"authorization", ()),
            host=given(b"host", ()),
            origin=given(b"origin", ()),
        )
        if self._refused is None:
            self._stay()
        declared = given(b"content-length")
        if declared and declared[0].isdigit():
            self._expect_body(int(declared[0]))
        if given(b"expect") and self._refused is None:
            self._continue()

    def on_body(self, body: bytes) -> None:
        self._size += len(body)
        if self._size > self._server.body_limit:
            self._refused = self._refused or self._too_large()
        if self._refused is None:
            self._parts.append(body)
        else:
            self._parts.clear()
            if self._size > DISCARD_LIMIT:
                self._refuse(self._refused)

    def on_message_complete(self) -> None:
        http_1_0 = self._parser.get_http_version() == "1.0"
        request = Request(
            method=self._parser.get_method().decode("ascii", "replace"),
            target=self._url,
            body=self._parts[0] if len(self._parts) == 1 else b"".join(self._parts),
            keep_alive=self._parser.should_keep_alive() and not http_1_0,
            http_1_0=http_1_0,
            refusal=self._refused,
        )
        self._begin()
        if self._is_open():
            self._enqueue(request)

    # -- one request coming in ----------------------------------------------------------------

    def _forget(self) -> None:
        self._size = 0
        self._parts: list[bytes] = []
        self._refused: AmlError | None = None
        self._headers: dict[bytes, list[bytes]] = {}

    def _expect_body(self, size: int) -> None:
        if size > self._server.body_limit:
            self._refused = self._refused or self._too_large()
        if size > DISCARD_LIMIT and self._refused is not None:
            self._refuse(self._refused)

    def _too_large(self) -> TooLarge:
        return TooLarge(
            f"The request's body is over {self._server.body_limit / 1e6:,.0f} MB.",
            target="body",
            hint="Large variables travel beside the request: see `%%aml -i`. The limit is "
            "ServiceSettings.body_limit_mb.",
        )

    # -- answering ----------------------------------------------------------------------------

    async def _answer(self, request: Request) -> bool:
        self.used = not _only_looks(request)
        answer = await self._server.dispatcher.answer(request)
        if isinstance(answer, Stream):
            await self._stream(answer, request)
        else:
            self._send(message.whole(answer, request))
        if self.used:
            self._server.called()
        return request.keep_alive

    def _rested(self) -> None:
        self.used = False

    async def _stream(self, stream: Stream, request: Request) -> None:
        self._streaming = True
        try:
            self._gather(message.stream_head(stream, request))
            frame = partial(message.chunk, request=request)
            end, where = message.stream_end(request), f"{request.method} stream"
            await self._pour(stream.batches, frame, end, where)
        finally:
            self._streaming = False

    def _refusal(self, error: AmlError) -> bytes:
        request = Request("", b"", b"", keep_alive=False, http_1_0=False)
        return message.whole(message.error_answer(error), request)


def _only_looks(request: Request) -> bool:
    """``GET /v1/service``: who asks whether the service lives does not keep it alive."""
    return request.method == "GET" and request.target == b"/v1/service"
