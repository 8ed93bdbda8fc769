"""`/swagger.json`: the user's own file, or one made from what `inference_schema` knows of `run`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

_VERSIONS = {"2": "2", "2.0": "2", "3": "3", "3.0": "3", "3.1": "3.1"}
_OWN = {
    "2": ("swagger.json", "swagger2.json"),
    "3": ("swagger3.json",),
    "3.1": ("swagger3.1.json",),
}


class NoSwagger(Exception):
    """There is none of this version; the text says which there are."""


class Swagger:
    """The descriptions of one script, made when they are first asked for."""

    def __init__(self, app_root: str, run: Callable[..., Any]) -> None:
        self._root = app_root
        self._run = run

    def get(self, version: str) -> dict[str, Any]:
        """The description; Raise `NoSwagger`."""
        kind = _VERSIONS.get(version)
        if kind is None:
            raise NoSwagger(
                f"Swagger version [{version}] is not valid. Supported versions: [2, 3, 3.1]."
            )
        for name in _OWN[kind]:
            path = os.path.join(self._root, name)
            if os.path.isfile(path):
                with open(path, encoding="utf-8") as file:
                    return json.load(file)
        return self._made(kind, version)

    def _made(self, kind: str, version: str) -> dict[str, Any]:
        taken, given = self._schemas(kind, version)
        title = os.environ.get("SERVICE_NAME", "ML service")
        number = os.environ.get("SERVICE_VERSION", "1.0")
        prefix = os.environ.get("SERVICE_PATH_PREFIX", "").strip("/")
        base = f"/{prefix}" if prefix else ""
        info = {"title": title, "version": number}
        return (_second if kind == "2" else _third)(info, base, taken, given, kind)

    def _schemas(self, kind: str, version: str) -> tuple[Any, Any]:
        if "inference_schema" not in sys.modules:
            nothing = {"type": "object", "example": {}}
            return nothing, nothing
        from inference_schema import schema_util

        supported = schema_util.get_supported_versions(self._run)
        if not {kind, f"{kind}.0"} & set(supported):
            raise NoSwagger(
                f"Swagger version [{version}] is not supported for the scoring script. "
                f"Supported swagger versions: [{', '.join(sorted(supported))}]."
            )
        if not schema_util.is_schema_decorated(self._run):
            nothing = {"type": "object", "example": {}}
            return nothing, nothing
        return schema_util.get_input_schema(self._run), schema_util.get_output_schema(self._run)


_ERROR = {"type": "object", "properties": {"message": {"type": "string"}}}


def _second(info: dict[str, str], base: str, taken: Any, given: Any, _kind: str) -> dict[str, Any]:
    failed = {
        "description": "The request failed",
        "schema": {"$ref": "#/definitions/ErrorResponse"},
    }
    score = {
        "operationId": "RunMLService",
        "description": "Ask the model",
        "parameters": [
            {
                "name": "serviceInputPayload",
                "in": "body",
                "description": "What run() takes.",
                "schema": {"$ref": "#/definitions/ServiceInput"},
            }
        ],
        "responses": {
            "200": {
                "description": "The prediction",
                "schema": {"$ref": "#/definitions/ServiceOutput"},
            },
            "default": failed,
        },
    }
    health = {
        "operationId": "ServiceHealthCheck",
        "description": "Is the service up?",
        "responses": {
            "200": {"description": "The service is up", "schema": {"type": "string"}},
            "default": failed,
        },
    }
    bearer = {"type": "apiKey", "name": "Authorization", "in": "header"}
    return {
        "swagger": "2.0",
        "info": info,
        "schemes": ["https"],
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "securityDefinitions": {"Bearer": bearer},
        "paths": {f"{base}/": {"get": health}, f"{base}/score": {"post": score}},
        "definitions": {"ServiceInput": taken, "ServiceOutput": given, "ErrorResponse": _ERROR},
    }


def _third(info: dict[str, str], base: str, taken: Any, given: Any, kind: str) -> dict[str, Any]:
    def content(name: str) -> dict[str, Any]:
        return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}

    failed = {"description": "The request failed", "content": content("ErrorResponse")}
    score = {
        "operationId": "RunMLService",
        "requestBody": {"required": True, "content": content("ServiceInput")},
        "responses": {
            "200": {"description": "The prediction", "content": content("ServiceOutput")},
            "default": failed,
        },
    }
    health = {
        "operationId": "ServiceHealthCheck",
        "responses": {"200": {"description": "The service is up"}, "default": failed},
    }
    return {
        "openapi": "3.1.0" if kind == "3.1" else "3.0.3",
        "info": info,
        "security": [{"Bearer": []}],
        "paths": {f"{base}/": {"get": health}, f"{base}/score": {"post": score}},
        "components": {
            "securitySchemes": {"Bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": {"ServiceInput": taken, "ServiceOutput": given, "ErrorResponse": _ERROR},
        },
    }
