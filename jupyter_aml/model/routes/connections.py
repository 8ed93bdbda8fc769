"""Connections. Scripts of Azure's SDK make them, and ask for their credentials."""

from __future__ import annotations

from jupyter_aml.model.connection import Connection, ConnectionList
from jupyter_aml.model.route import Route, route

ROUTES: tuple[Route, ...] = (
    route(
        "connections.list",
        "GET /connections",
        "Every connection, without credentials.",
        returns=ConnectionList,
    ),
    route(
        "connections.get",
        "GET /connections/{name}",
        "One connection, without credentials.",
        returns=Connection,
    ),
    route(
        "connections.delete",
        "DELETE /connections/{name}",
        "Delete it and its credentials.",
        returns=Connection,
    ),
)
