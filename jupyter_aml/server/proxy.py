"""``jupyter-aml/api/v1/…``: one request to the service per request of the browser.

Method, path, query, body and the streaming answer are forwarded as bytes. Jupyter's own
credentials (cookies, token, XSRF) end here; the service's token is put on and never comes back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from jupyter_server.auth.decorator import authorized
from tornado import web
from tornado.iostream import StreamClosedError

from jupyter_aml.model.errors import AmlError, Invalid
from jupyter_aml.server.handler import ServiceHandler
from jupyter_aml.server.upstream import Answer, Header

API = "/jupyter-aml/api/"
# What the service may hear of the browser's headers: nothing that authenticates anyone.
REQUEST_HEADERS = ("Accept", "Content-Type", "If-Match", "If-None-Match", "Range")
# Hop-by-hop headers (RFC 9110, 7.6.1), and those that Jupyter Server answers itself.
OWN_HEADERS = frozenset(
    """connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding
    upgrade date server set-cookie content-security-policy www-authenticate location
    access-control-allow-origin access-control-allow-credentials""".split()
)
# Query fields that are meant for Jupyter Server; `token` would reach the service's side.
OWN_FIELDS = frozenset({"token", "no_track_activity"})
UNSENDABLE = re.compile(r"[\x00-\x20\x7f]")


class ProxyHandler(ServiceHandler):
    """Every verb of the API. Each is authenticated and authorized for itself."""

    _answer: Answer | None = None

    @web.authenticated
    @authorized
    async def get(self, path: str) -> None:
        await self._forward()

    @web.authenticated
    @authorized
    async def post(self, path: str) -> None:
        await self._forward()

    @web.authenticated
    @authorized
    async def put(self, path: str) -> None:
        await self._forward()

    @web.authenticated
    @authorized
    async def patch(self, path: str) -> None:
        await self._forward()

    @web.authenticated
    @authorized
    async def delete(self, path: str) -> None:
        await self._forward()

    def on_connection_close(self) -> None:
        """The browser has gone: the service need not go on."""
        super().on_connection_close()
        if self._answer is not None:
            self._answer.close()

    async def _forward(self) -> None:
        assert self.request.method is not None
        try:
            self._answer = await self.link.ask(
                self.request.method,
                target_of(self.request.path, self.request.query),
                headers=[
                    (name, self.request.headers[name])
                    for name in REQUEST_HEADERS
                    if name in self.request.headers
                ],
                body=self.request.body,
            )
        except AmlError as error:
            self.log.warning("jupyter_aml: %s", error.message)
            self.answer_error(error)
            return
        async with self._answer as answer:
            await self._relay(answer)

    async def _relay(self, answer: Answer) -> None:
        """Every byte as it comes. An answer that breaks off must not look whole."""
        self._set_head(answer)
        try:
            await self.flush()
            async for chunk in answer.chunks():
                self.write(chunk)
                await self.flush()
        except StreamClosedError:
            return  # the browser has gone
        except AmlError as error:
            self.log.warning("jupyter_aml: %s", error.message)
            self.detach().close()
            return
        await self.finish()

    def _set_head(self, answer: Answer) -> None:
        self.set_status(answer.status)
        self.clear_header("Content-Type")
        for name, value in passed_on(answer.headers):
            self.add_header(name, value)
        # A file that a job wrote must not act as a page of this origin.
        self.set_header("X-Content-Type-Options", "nosniff")
        # Buffering proxies in front of Jupyter hold streams back unless told.
        self.set_header("X-Accel-Buffering", "no")

    @property
    def content_security_policy(self) -> str:
        return super().content_security_policy + "; sandbox"


def target_of(path: str, query: str) -> str:
    """The service's path and query of a request to Jupyter Server, still percent-encoded.

    Raise `Invalid` for what must not stand in a request line.
    """
    rest = path.partition(API)[2]
    fields = [field for field in query.split("&") if field.partition("=")[0] not in OWN_FIELDS]
    query = "&".join(fields)
    target = f"/{rest}?{query}" if query else f"/{rest}"
    if UNSENDABLE.search(target):
        raise Invalid("The address holds a space or a control character.", target="path")
    return target


def passed_on(headers: Iterable[Header]) -> list[Header]:
    """Those headers of an answer that are meant for the browser."""
    headers = list(headers)
    named = {
        option.strip().lower()
        for name, value in headers
        if name.lower() == "connection"
        for option in value.split(",")
    }
    own = OWN_HEADERS | named
    return [(name, value) for name, value in headers if name.lower() not in own]
