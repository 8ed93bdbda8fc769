"""What the file of a deployment describes beside it, kept first: its model, its environment."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from jupyter_aml.grammar.language import Call
from jupyter_aml.model.batch import CreateBatchDeployment
from jupyter_aml.model.endpoint import CreateOnlineDeployment
from jupyter_aml.model.environment import CreateEnvironment, EnvironmentContent
from jupyter_aml.model.registry import CreateModel

Deployment = TypeVar("Deployment", CreateOnlineDeployment, CreateBatchDeployment)


def keep(
    call: Call,
    spec: Deployment,
    model: CreateModel | None,
    environment: EnvironmentContent | None,
) -> Deployment:
    """`spec`, naming what was described, once that is registered."""
    if model is not None:
        spec = msgspec.structs.replace(spec, model=call.client.models.create(model).reference)
    if environment is not None:
        name = f"{spec.endpoint_name}-{spec.name}"
        spec = msgspec.structs.replace(spec, environment=_environment(call, name, environment))
    return spec


def _environment(call: Call, name: str, content: EnvironmentContent) -> str:
    """Its reference, under the name of what it is for."""
    parts = {name: getattr(content, name) for name in EnvironmentContent.__struct_fields__}
    kept = call.client.environments.create(CreateEnvironment(name=name, **parts))
    for warning in kept.warnings:
        call.surface.note(f"Note: {warning}")
    return kept.reference
