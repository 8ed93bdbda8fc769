"""From a request to the arguments of `run`: one way for each of the three kinds of `run`."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Sequence
from typing import Any

from .request import Request

Reader = Callable[[Request], "dict[str, Any]"]


class Refused(Exception):
    """The request is not what `run` takes; the status says how, the text why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def raw(name: str, wrap: Callable[[Request], Any]) -> Reader:
    """For `@rawhttp`: the request itself, of whatever method."""

    def read(request: Request) -> dict[str, Any]:
        return {name: wrap(request)}

    return read


def text(name: str) -> Reader:
    """For a plain `run(data)`: the body as text; for GET the query as JSON."""

    def read(request: Request) -> dict[str, Any]:
        if request.method == "GET":
            return {name: json.dumps(_query(request))}
        _only_post(request)
        return {name: decoded(request.body)}

    return read


def decoded(body: bytes) -> str:
    """The body as text. Raise `Refused`."""
    try:
        return str(body, "utf-8")
    except UnicodeDecodeError as error:
        raise Refused(400, f"Input cannot be decoded as UTF-8: {error}") from None


def parameters(names: Sequence[inspect.Parameter]) -> Reader:
    """For `@input_schema`: a JSON object, by the names of the parameters."""

    def read(request: Request) -> dict[str, Any]:
        if request.method == "GET":
            return _chosen(_query(request), names)
        _only_post(request)
        if not request.is_json:
            raise Refused(415, "Expects Content-Type to be application/json")
        return _chosen(_json_object(request.body), names)

    return read


def _json_object(body: bytes) -> dict[str, Any]:
    if not body:
        raise Refused(400, "POST body is empty. Expecting a JSON dictionary.")
    try:
        read = json.loads(body)
    except ValueError as error:
        raise Refused(400, f"POST body could not be decoded as JSON: {error}") from None
    if not isinstance(read, dict):
        raise Refused(400, "POST body should be a JSON dictionary.")
    return read


def _chosen(values: dict[str, Any], names: Sequence[inspect.Parameter]) -> dict[str, Any]:
    chosen: dict[str, Any] = {}
    for parameter in names:
        value = values.get(parameter.name, parameter.default)
        if value is inspect.Parameter.empty:
            raise Refused(400, f"A value is not provided for the {parameter.name!r} parameter.")
        chosen[parameter.name] = value
    return chosen


def _query(request: Request) -> dict[str, Any]:
    """Each value as JSON if it is some, else as text; repeated names become lists."""
    return {
        name: _value(values[0]) if len(values) == 1 else [_value(value) for value in values]
        for name, values in request.arguments.items()
    }


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _only_post(request: Request) -> None:
    if request.method != "POST":
        raise Refused(405, "Method not allowed")
