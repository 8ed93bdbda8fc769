"""A deployment that is tried before it exists: booted, asked once, ended again."""

from __future__ import annotations

from typing import Any

import msgspec

from jupyter_aml.model.endpoint import Answer, CreateOnlineDeployment
from jupyter_aml.model.errors import ErrorBody


class RehearseDeployment(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Body of `online_deployments.rehearse`. The endpoint it names need not exist."""

    deployment: CreateOnlineDeployment
    request_data: Any = None
    """A JSON value; null takes the model's own sample."""


class Rehearsal(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What came of it; every figure was measured just now, and None is "did not get there".

    ``error`` says why it did not come up. A script that came up and refused the request has no
    error here: its ``answer`` has the status and the script's words.
    """

    environment: str = ""
    environment_seconds: float | None = None
    """Until the environment was there; next to nothing when it was built before."""
    load_seconds: float | None = None
    """From the start of the process until it could answer: interpreter, packages, model."""
    memory_bytes: int | None = None
    memory_limit_bytes: int = 0
    """What an instance of this size may use."""
    request_data: Any = None
    """What was sent; null where there was nothing to send."""
    answer: Answer | None = None
    serving: str = ""
    """The deployment that has the endpoint's traffic now, and was asked the same."""
    serving_answer: Answer | None = None
    is_same: bool | None = None
    """Whether both answered the same; None where one of them did not answer with success."""
    warnings: list[str] = []
    error: ErrorBody | None = None
    console: list[str] = []
    """The last lines that the script printed."""
