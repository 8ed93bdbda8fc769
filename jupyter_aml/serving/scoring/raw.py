"""`AMLRequest` and `AMLResponse` without Flask: the parts of Flask's classes that scripts use."""

from __future__ import annotations

import io
import json as json_text
from collections.abc import Mapping
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import parse_qs

from .form import UploadedFile, multipart
from .headers import Headers
from .request import Request

T = TypeVar("T")


class Values(dict[str, T]):
    """The first value of each name; `getlist` has them all."""

    def __init__(self, lists: Mapping[str, list[T]]) -> None:
        super().__init__({name: values[0] for name, values in lists.items()})
        self._lists = lists

    def getlist(self, name: str) -> list[T]:
        """Every value of the name, in order."""
        return list(self._lists.get(name, []))


class AMLRequest:
    """What `run` gets when it is decorated with `@rawhttp`."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self.method = request.method
        self.path = request.path
        self.query_string = request.query.encode()
        self.stream = io.BytesIO(request.body)

    @property
    def headers(self) -> Headers:
        return self._request.headers

    @cached_property
    def args(self) -> Values[str]:
        return Values(self._request.arguments)

    @property
    def full_path(self) -> str:
        return f"{self.path}?{self._request.query}"

    @property
    def host(self) -> str:
        return self.headers.get("host", "localhost")

    @property
    def base_url(self) -> str:
        return f"http://{self.host}{self.path}"

    @property
    def url(self) -> str:
        return f"{self.base_url}?{self._request.query}" if self._request.query else self.base_url

    @property
    def content_type(self) -> str | None:
        return self.headers.get("content-type")

    @property
    def mimetype(self) -> str:
        return (self.content_type or "").partition(";")[0].strip().lower()

    @property
    def content_length(self) -> int:
        return len(self._request.body)

    @property
    def data(self) -> bytes:
        return self._request.body

    def get_data(self, cache: bool = True, as_text: bool = False) -> bytes | str:  # noqa: ARG002
        """The body; `cache` is Flask's, there is nothing to cache here."""
        return self._request.body.decode() if as_text else self._request.body

    @property
    def is_json(self) -> bool:
        return self._request.is_json

    @property
    def json(self) -> Any:
        return self.get_json()

    def get_json(self, force: bool = False, silent: bool = False) -> Any:
        """The body as JSON; None if it is not said to be. Raise ValueError unless `silent`."""
        if not force and not self.is_json:
            return None
        try:
            return json_text.loads(self._request.body)
        except ValueError:
            if silent:
                return None
            raise

    @cached_property
    def _form(self) -> tuple[Values[str], Values[UploadedFile]]:
        if self.mimetype == "multipart/form-data":
            lists, files = multipart(self.content_type or "", self._request.body)
            return Values(lists), Values(files)
        if self.mimetype == "application/x-www-form-urlencoded":
            lists = parse_qs(self._request.body.decode("utf-8", "replace"), keep_blank_values=True)
            return Values(lists), Values({})
        return Values({}), Values({})

    @property
    def form(self) -> Values[str]:
        return self._form[0]

    @property
    def files(self) -> Values[UploadedFile]:
        return self._form[1]


class AMLResponse:
    """What a raw `run` may return: body, status and headers as it wants them."""

    def __init__(
        self,
        message: Any,
        status_code: int,
        response_headers: Mapping[str, str] | None = None,
        json_str: bool = False,
        run_function_failed: bool = False,
    ) -> None:
        given = dict(response_headers or {})
        kind = "text/html; charset=utf-8"
        if message is None or json_str:
            message = json_text.dumps({} if message is None else message)
            kind = "application/json"
        self.status_code = status_code
        self.data = message.encode() if isinstance(message, str) else bytes(message)
        self.headers: dict[str, str] = {"Content-Type": kind}
        if json_str:
            given.pop("Content-Type", None)
        self.headers["x-ms-run-function-failed"] = str(run_function_failed)
        self.headers.update(given)

    def get_data(self) -> bytes:
        """The body."""
        return self.data

    @property
    def mimetype(self) -> str:
        """The type of the body, without its parameters."""
        return self.headers["Content-Type"].partition(";")[0].strip()

    @mimetype.setter
    def mimetype(self, value: str) -> None:
        self.headers["Content-Type"] = value
