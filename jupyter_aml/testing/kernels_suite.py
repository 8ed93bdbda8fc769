"""What every backend that runs notebooks' kernels must do. See `backend_suite`."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from jupyter_aml.model.compute import ComputeInstance
from jupyter_aml.model.errors import AmlError, Conflict, Invalid, NotFound
from jupyter_aml.model.kernel import Kernel, StartKernel
from jupyter_aml.service.backends.protocol import Backend, ComputeFacet, KernelsFacet
from jupyter_aml.testing.suite import NAME_TRAPS, Suite
from jupyter_aml.testing.waiting import eventually

KERNEL_SECONDS = 90.0
"""An interpreter with ipykernel takes a second to start, on a busy machine many."""


class KernelsSuite(Suite):
    """Kernels on instances."""

    @pytest.fixture
    def kernels(self, backend: Backend) -> KernelsFacet:
        if backend.kernels is None:
            pytest.skip("this backend runs no kernels")
        return backend.kernels

    async def test_a_kernel_starts_is_the_same_by_its_name_and_ends(
        self, kernels: KernelsFacet, computes: ComputeFacet
    ) -> None:
        instance = await self.running_instance(computes)
        wish = StartKernel(name="k-1", compute=instance, python=sys.executable)
        first = await kernels.start(body=wish)
        assert (first.name, first.compute) == ("k-1", instance)
        ready = await self.kernel(kernels, "k-1", "idle")
        file = Path(ready.connection_file)
        assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0
        again = await kernels.start(body=wish)
        assert again.job == first.job
        assert [one.name for one in (await kernels.list()).value] == ["k-1"]
        with pytest.raises(Conflict):
            await kernels.start(body=StartKernel(name="k-1", compute="another"))
        await kernels.delete("k-1")
        last = await self.kernel(kernels, "k-1", "ended")
        assert last.reason
        assert (await kernels.delete("k-1")).state == "ended"
        assert (await kernels.list()).value == []

    async def test_a_kernel_needs_a_running_instance(
        self, kernels: KernelsFacet, computes: ComputeFacet
    ) -> None:
        instance = await self.running_instance(computes)
        with pytest.raises(NotFound):
            await kernels.start(body=StartKernel(name="k-2", compute="nowhere"))
        if self.here:
            with pytest.raises(Invalid):
                await kernels.start(body=StartKernel(name="k-2", compute=self.here))
        await computes.stop(instance)
        await self.becomes(computes, instance, "Stopped")
        with pytest.raises(Conflict):
            await kernels.start(body=StartKernel(name="k-2", compute=instance))
        with pytest.raises(NotFound):
            await kernels.get("k-2")

    async def test_a_name_that_leads_elsewhere_is_refused(self, kernels: KernelsFacet) -> None:
        for name in NAME_TRAPS:
            with pytest.raises(AmlError):
                await kernels.start(body=StartKernel(name=name, compute=self.here))
            with pytest.raises(AmlError):
                await kernels.get(name)

    async def running_instance(self, computes: ComputeFacet) -> str:
        """One that runs; it ends with its backend."""
        await computes.create(body=ComputeInstance(name="suite-kernels", size=self.size))
        await self.becomes(computes, "suite-kernels", "Running")
        return "suite-kernels"

    async def kernel(self, kernels: KernelsFacet, name: str, state: str) -> Kernel:
        """The kernel, once it is in `state`."""

        async def look() -> Kernel | None:
            one = await kernels.get(name)
            return one if one.state == state else None

        found = await eventually(look, seconds=KERNEL_SECONDS)
        assert found is not None
        return found
