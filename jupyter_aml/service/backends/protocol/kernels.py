"""Notebook kernels on compute instances."""

from __future__ import annotations

from typing import Protocol

from jupyter_aml.model import kernel


class KernelsFacet(Protocol):
    """Notebook kernels on compute instances: see `model.kernel`."""

    async def list(self) -> kernel.KernelList: ...
    async def start(self, *, body: kernel.StartKernel) -> kernel.Kernel:
        """Return once it is accepted. The same name while it lives is the same kernel."""
        ...

    async def get(self, name: str) -> kernel.Kernel: ...
    async def delete(self, name: str) -> kernel.Kernel:
        """Ask it to end. One that has ended is returned unchanged."""
        ...
