"""The shape that every ARM resource has: id, name, type, properties, systemData."""

from __future__ import annotations

from typing import Any

from jupyter_aml.service.arm.scope import Scope, type_of


def resource(
    scope: Scope,
    path: tuple[str, ...],
    properties: dict[str, Any],
    *,
    created_at: str = "",
    modified_at: str = "",
    user: str = "",
    **more: Any,
) -> dict[str, Any]:
    """`path` is what follows the workspace: ``("models", "m", "versions", "1")``, () for itself.

    `more` are fields beside ``properties``: location, identity, sku, kind, tags. One that is
    None is left out.
    """
    found: dict[str, Any] = {
        "id": scope.id(*path),
        "name": path[-1] if path else scope.workspace,
        "type": type_of(*path[::2]),
        "properties": properties,
        **{name: value for name, value in more.items() if value is not None},
    }
    if created_at:
        found["systemData"] = {
            "createdAt": created_at,
            "createdBy": user or "local",
            "createdByType": "User",
            "lastModifiedAt": modified_at or created_at,
            "lastModifiedBy": user or "local",
            "lastModifiedByType": "User",
        }
    return found
