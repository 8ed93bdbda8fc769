"""What a deployment names by id: its model, its code, its environment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jupyter_aml.model.environment import KERNEL
from jupyter_aml.model.errors import Invalid
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.nouns.environments import WARNINGS
from jupyter_aml.service.arm.scope import Scope, reference
from jupyter_aml.service.backends.protocol import CodesFacet


def model(asked: str | None) -> str:
    """``azureml:name:version``, or with ``@label``; "" when none was named."""
    return _named(asked, "models", "$.properties.model") if asked else ""


def environment(asked: str | None) -> str:
    """As the environments facet reads it; "" when none was named. A registry's and a curated one
    go on as they are."""
    if not asked:
        return ""
    if asked.lower().startswith("azureml://registries/"):
        return asked
    return _named(asked, "environments", "$.properties.environmentId").removeprefix("azureml:")


async def code(context: Context, asked: str | None) -> str:
    """``snapshot:<id>`` of a code asset; "" when none was named."""
    if not asked:
        return ""
    found = reference(asked)
    if found is None or not found.version:
        raise _unreadable(asked, "$.properties.codeConfiguration.codeId")
    codes: CodesFacet = context.facet("codes")
    return (await codes.get(found.name, found.version)).snapshot


def model_id(scope: Scope, known: str) -> str | None:
    """The id of a ``azureml:name:version``."""
    name, version = _parts(known)
    return scope.id("models", name, "versions", version) if name else None


def environment_id(scope: Scope, known: str) -> str | None:
    """None where none was named, and for the interpreter of the kernel, which is no asset."""
    name, version = _parts(known)
    return None if name in ("", KERNEL) else scope.id("environments", name, "versions", version)


async def code_configuration(
    context: Context, scope: Scope, snapshot: str, script: str
) -> dict[str, Any] | None:
    """Under one of the ids that its code was registered with; None for a deployment without."""
    if not script:
        return None
    codes: CodesFacet = context.facet("codes")
    known = await codes.list() if snapshot else None
    found = next((one for one in known.value if one.snapshot == snapshot), None) if known else None
    if found is None:  # made by the command line or a notebook, from a folder
        return {"scoringScript": script}
    return {
        "codeId": scope.id("codes", found.name, "versions", found.version),
        "scoringScript": script,
    }


def told(warnings: Sequence[str]) -> dict[str, str]:
    """What is given otherwise than Azure would, as a property."""
    return {WARNINGS: " ".join(warnings)} if warnings else {}


def _named(asked: str, kind: str, path: str) -> str:
    found = reference(asked)
    if found is None or found.kind.lower() not in ("", kind):
        raise _unreadable(asked, path)
    if found.label:
        return f"azureml:{found.name}@{found.label}"
    return f"azureml:{found.name}:{found.version}" if found.version else f"azureml:{found.name}"


def _unreadable(asked: str, path: str) -> Invalid:
    return Invalid(
        f"{asked!r} names nothing that the local workspace has.",
        target=path,
        hint="Register it here first, and name it by azureml:NAME:VERSION.",
    )


def _parts(known: str) -> tuple[str, str]:
    name, _, version = known.removeprefix("azureml:").partition(":")
    return name, version or "1"
