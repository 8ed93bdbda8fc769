"""The facet ``kernels``: notebook kernels that run on compute instances.

Jupyter's own programs start them through `server.kernels`; scripts may look, and end one.
"""

from __future__ import annotations

from jupyter_aml.client.facet import Facet
from jupyter_aml.model.kernel import Kernel, KernelList, StartKernel


class Kernels(Facet):
    def list(self) -> KernelList:
        """Those that have not ended."""
        return self._call("kernels.list", KernelList)

    def start(self, body: StartKernel) -> Kernel:
        """Start one, or take up the one of that name. It is ready in the state ``idle``."""
        return self._call("kernels.start", Kernel, body=body)

    def get(self, name: str) -> Kernel:
        return self._call("kernels.get", Kernel, name=name)

    def delete(self, name: str) -> Kernel:
        """End it; what it holds is lost."""
        return self._call("kernels.delete", Kernel, name=name)
