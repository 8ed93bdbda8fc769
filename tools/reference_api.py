"""The reference pages of the HTTP API: its operations and its types."""

from __future__ import annotations

import json
from itertools import groupby
from typing import Any

from jupyter_aml.model.api import API_PREFIX, ROUTES, Route
from tools import openapi
from tools.markdown import code, joined, table

INTRODUCTION = f"""\
# HTTP API

The service speaks HTTP on a loopback port; its address and token are in `service.json` of its home.
Every request carries `Authorization: Bearer <token>`. Paths begin with `{API_PREFIX}`; bodies are
JSON. An error is ARM's body with one of the [codes](errors.md). The same as OpenAPI:
`schema/openapi.json`.
"""


def operations() -> str:
    """``api.md``"""
    document = openapi.document()
    facets = groupby(ROUTES, key=lambda route: route.facet)
    return joined(INTRODUCTION, *(_facet(name, list(rows), document) for name, rows in facets))


def _facet(name: str, routes: list[Route], document: dict[str, Any]) -> str:
    return joined(f"## {name}", *(_operation(route, document) for route in routes))


def _operation(route: Route, document: dict[str, Any]) -> str:
    described = document["paths"][API_PREFIX + route.path][route.method.lower()]
    content = described["responses"]["200"].get("content", {})
    body = described.get("requestBody", {}).get("content", {})
    rows = [
        ("request", code(f"{route.method} {API_PREFIX}{route.path}")),
        *(("query", _parameter(p)) for p in described.get("parameters", []) if p["in"] == "query"),
        *(("body", type_of(media["schema"])) for media in body.values()),
        *(
            ("stream of" if route.stream else "answer", _answer(kind, media["schema"]))
            for kind, media in content.items()
        ),
    ]
    heading = f"### {route.operation}"
    return joined(heading, f"`{route.operation}`: {route.summary}", table(("", ""), rows))


def _parameter(parameter: dict[str, Any]) -> str:
    schema = parameter["schema"]
    needed = " (required)" if parameter["required"] else ""
    text = schema.get("description", "")
    return f"{code(parameter['name'])}: {type_of(schema)}{needed}. {text}".strip()


def _answer(media: str, schema: dict[str, Any]) -> str:
    return "bytes" if media == openapi.BYTES else type_of(schema)


def types() -> str:
    """``types.md``"""
    components = openapi.document()["components"]["schemas"]
    note = "Fields without a default are required of a request; an answer holds every field."
    return joined("# Types", note, *(_type(name, schema) for name, schema in components.items()))


def _type(name: str, schema: dict[str, Any]) -> str:
    required = schema.get("required", [])
    rows = [
        (
            code(field),
            type_of(described),
            "" if field in required else _default(described),
            described.get("description", ""),
        )
        for field, described in schema.get("properties", {}).items()
    ]
    also = "" if rows else type_of(schema)
    fields = table(("field", "type", "default", ""), rows)
    return joined(f"## {name}", schema.get("description", "").replace("``", "`"), fields, also)


def _default(schema: dict[str, Any]) -> str:
    return code(json.dumps(schema["default"])) if "default" in schema else ""


def type_of(schema: dict[str, Any]) -> str:
    """A schema as a reader says it."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](types.md#{name.lower()})"
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " or ".join(type_of(one) for one in schema[several])
    if "enum" in schema:
        return ", ".join(code(str(value)) for value in schema["enum"])
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {type_of(schema.get('items', {}))}"
    if kind == "object" and "additionalProperties" in schema:
        return f"map of {type_of(schema['additionalProperties'])}"
    return kind + _limits(schema)


def _limits(schema: dict[str, Any]) -> str:
    least = schema.get("minimum", schema.get("exclusiveMinimum"))
    most = schema.get("maximum")
    if least is None and most is None:
        return ""
    above = "above" if "exclusiveMinimum" in schema else "from"
    return f" ({above} {least}" + (f" to {most})" if most is not None else ")")
