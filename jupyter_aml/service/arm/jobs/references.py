"""Ids of ARM in jobs, and what stands for them in our specs, both ways."""

from __future__ import annotations

from jupyter_aml.model.environment import KERNEL
from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.model.names import LOCAL
from jupyter_aml.model.references import Asset, parse
from jupyter_aml.service.arm.scope import Scope, reference
from jupyter_aml.service.backends.protocol import CodesFacet

_MODELS = ("mlflow_model", "custom_model", "triton_model")


def compute(sent: str, target: str) -> str:
    """The compute's name. Without one (serverless) it is this machine."""
    if not sent:
        return LOCAL
    found = reference(sent)
    if found is None or found.kind.lower() not in ("", "computes"):
        raise Invalid(f"{sent!r} names no compute.", target=target)
    return LOCAL if found.name.lower() == "serverless" else found.name


async def code(codes: CodesFacet, sent: str, target: str) -> str | None:
    """``snapshot:<id>`` of a code asset, None without one. Raises `NotFound` or `Invalid`."""
    if not sent:
        return None
    found = reference(sent)
    if found is None or not found.version or found.kind.lower() not in ("", "codes"):
        raise Invalid(
            f"{sent!r} names no version of a code asset.",
            target=target,
            hint="Give the folder as `code`; the SDK uploads it and sends the id.",
        )
    try:
        return (await codes.get(found.name, found.version)).snapshot
    except NotFound as error:
        raise error.at(target) from None


def environment(sent: str) -> str:
    """What `Catalogue.find` takes: ``name:version``, or the name of a registry's as it is."""
    found = reference(sent)
    if found is None or "://" in sent:
        return sent
    if found.version:
        return f"{found.name}:{found.version}"
    return f"{found.name}@{found.label}" if found.label else found.name


def environment_id(scope: Scope, name: str) -> str:
    """Of an accepted job's environment."""
    bare, _, version = name.partition(":")
    return scope.id("environments", bare or KERNEL, "versions", version or "1")


def data_uri(scope: Scope, text: str, kind: str) -> str:
    """Of an input that was accepted: an asset's reference becomes its id."""
    found = parse(text)
    if not isinstance(found, Asset):
        return text
    noun = "models" if kind in _MODELS else "data"
    return scope.id(noun, found.name, "versions", found.version)
