"""Refusals in Azure Storage's words: XML, and a code that its clients act upon."""

from __future__ import annotations

from xml.sax.saxutils import escape

from jupyter_aml.model.errors import AmlError, Conflict, Forbidden, Invalid, NotFound, TooLarge
from jupyter_aml.service.arm.message import Response

_WORDS: list[tuple[type[AmlError], int, str]] = [
    (NotFound, 404, "BlobNotFound"),
    (Forbidden, 403, "AuthorizationPermissionMismatch"),
    (Conflict, 409, "BlobOverwritten"),
    (TooLarge, 413, "RequestBodyTooLarge"),
    (Invalid, 400, "InvalidUri"),
]


class Refusal(Exception):
    """`code` is one of Azure Storage's error codes."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers: list[tuple[str, str]] = []

    @classmethod
    def of(cls, error: AmlError) -> Refusal:
        """What the domain refused."""
        for kind, status, code in _WORDS:
            if isinstance(error, kind):
                return cls(status, code, f"{error.message} {error.hint}".strip())
        return cls(error.http_status, "InternalError", error.message)

    def response(self) -> Response:
        text = (
            '<?xml version="1.0" encoding="utf-8"?>'
            f"<Error><Code>{self.code}</Code><Message>{escape(self.message)}</Message></Error>"
        )
        headers = [("Content-Type", "application/xml"), ("x-ms-error-code", self.code)]
        return Response(self.status, text.encode("utf-8", "replace"), headers + self.headers)


def no_blob(name: str) -> Refusal:
    return Refusal(404, "BlobNotFound", f"There is no blob {name[:200]!r}.")


def no_container(name: str) -> Refusal:
    return Refusal(404, "ContainerNotFound", f"There is no container {name[:80]!r}.")


def read_only(name: str) -> Refusal:
    return Refusal(
        403, "AuthorizationPermissionMismatch", f"What the container {name} holds is read-only."
    )
