"""What our handlers share: the resource that is authorized, and errors in ARM's shape.

Every verb of every handler is written out with `@web.authenticated` and `@authorized`. They are
never shared between verbs: `authorized` remembers the action of the first verb that it met.
"""

from __future__ import annotations

from http.client import responses
from typing import Any

import msgspec
from jupyter_server.base.handlers import APIHandler
from tornado import web

from jupyter_aml.model.errors import (
    AmlError,
    Conflict,
    ErrorEnvelope,
    Forbidden,
    Internal,
    Invalid,
    NotFound,
    TooLarge,
    Unavailable,
)
from jupyter_aml.server.link import ServiceLink

RESOURCE = "jupyter_aml"
"""What an authorizer of Jupyter Server is asked about; actions are "read" and "write"."""

SETTING = "jupyter_aml_link"

_BY_STATUS: dict[int, type[AmlError]] = {
    400: Invalid,
    403: Forbidden,
    404: NotFound,
    405: Invalid,
    409: Conflict,
    413: TooLarge,
    503: Unavailable,
}


class ServiceHandler(APIHandler):
    """A handler that talks to the service."""

    auth_resource = RESOURCE

    @property
    def link(self) -> ServiceLink:
        return self.settings[SETTING]

    def update_api_activity(self) -> None:
        # Open tabs read by themselves; only what a person does keeps a server from being culled.
        if self.request.method not in {"GET", "HEAD", "OPTIONS"}:
            super().update_api_activity()

    def answer_error(self, error: AmlError) -> None:
        self.set_status(error.http_status)
        self.finish(msgspec.json.encode(ErrorEnvelope(error.body())))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Called by tornado: refusals of Jupyter Server itself, and defects of ours.

        Who is not signed in gets Jupyter's own answer, as on every other route: the front end
        tells the two apart by it.
        """
        # Not `current_user`: that is an error before Jupyter has looked who it is.
        if getattr(self, "_jupyter_current_user", None) is None:
            super().write_error(status_code, **kwargs)
            return
        raised = kwargs.get("exc_info", (None, None, None))[1]
        message = responses.get(status_code, "Unknown error")
        if isinstance(raised, web.HTTPError):
            message = raised.log_message or raised.reason or message
        elif raised is not None:
            message = "jupyter_aml failed in Jupyter Server; its log has the traceback."
        kind = _BY_STATUS.get(status_code, Internal)
        self.finish(msgspec.json.encode(ErrorEnvelope(kind(message).body())))
