"""Kernels of notebooks that run on a compute instance.

A kernel is a job of the kind ``kernel``: it has the instance's limits, outlives the service and
ends with a reason like every other job. Here is what Jupyter asks of it besides.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from jupyter_aml.model.errors import ErrorBody


class StartKernel(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Body of `kernels.start`. The same ``name`` while it lives is the same kernel."""

    name: str
    """Jupyter's id of the kernel, which it keeps over restarts."""
    compute: str
    """A running compute instance."""
    python: str = ""
    """The interpreter, which must have ipykernel; "" is the service's own."""
    notebook: str = ""
    """Path of the notebook's file; "" for a console and its like."""
    cwd: str = ""
    """The notebook's folder, where the kernel starts."""
    environment_variables: dict[str, str] = {}


class Kernel(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A kernel as it is. Its key is in ``connection_file`` alone, which only its owner can read."""

    name: str
    job: str
    """The job that it is; after a restart of the kernel another one."""
    compute: str
    notebook: str = ""
    state: Literal["starting", "idle", "busy", "ended"]
    reason: str = ""
    """Why it has ended, or why it has not started yet, in words."""
    error: ErrorBody | None = None
    exit_code: int | None = None
    can_restart: bool = True
    """False once its compute takes no work."""
    connection_file: str = ""
    """Jupyter's connection file; whole from the state ``idle`` on."""
    created_at: str = ""
    last_activity_at: str = ""
    """When a cell last began or ended."""


class KernelList(msgspec.Struct, rename="camel", frozen=True):
    """Those that have not ended."""

    value: list[Kernel]
