"""Refusals of `jobs.create` as ARM says them: 400, at the field of the body.

Elsewhere a missing compute is a 404 and a stopped one a 409. For the SDK these would mean that
there is no such job, or that there is one already.
"""

from __future__ import annotations

from jupyter_aml.model.errors import (
    AmlError,
    ComputeNotRunning,
    Conflict,
    Invalid,
    NotFound,
    TooLarge,
)

_FIELDS = {
    "compute": "computeId",
    "environment": "environmentId",
    "environment_variables": "environmentVariables",
    "instance_count": "resources.instanceCount",
    "code": "codeId",
    "distribution.worker_count": "distribution.workerCount",
}


def of_body(error: AmlError, path: str) -> AmlError:
    """`error` about the fields of a spec, as one about the body at `path`."""
    if not isinstance(error, Invalid | NotFound | Conflict | TooLarge | ComputeNotRunning):
        return error
    target = error.target
    if target and not target.startswith("$"):
        target = f"{path}.{_FIELDS.get(target, target)}"
    return Invalid(error.message, target=target or path, hint=error.hint, details=error.details)
