"""The facet ``arm``: the compatible API that the stock Azure SDK talks to."""

from __future__ import annotations

from jupyter_aml.client.facet import Facet
from jupyter_aml.model.azure import ArmAccess, OpenArm


class Arm(Facet):
    """Closed until somebody opens it."""

    def status(self) -> ArmAccess:
        """Whether it is open; without secrets."""
        return self._call("arm.status", ArmAccess)

    def open(self, ca_bundle: str = "") -> ArmAccess:
        """Open it, now and whenever the service starts again.

        `ca_bundle` is what this process trusts by REQUESTS_CA_BUNDLE; the answer names a file that
        holds that and ours.
        """
        return self._call("arm.open", ArmAccess, body=OpenArm(ca_bundle=ca_bundle))

    def close(self) -> ArmAccess:
        """Close it, and leave it closed."""
        return self._call("arm.close", ArmAccess)
