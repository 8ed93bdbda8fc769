"""What a handler works with: the local workspace by facet, the addresses, derived keys.

There is one for the life of the compatible API. It holds no state of Azure's world: what is
kept, the facets keep.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_aml.model.errors import NotFound
from jupyter_aml.service.arm.tokens import Tokens
from jupyter_aml.service.backends.protocol import (
    BatchDeploymentsFacet,
    BatchEndpointsFacet,
    CodesFacet,
    ComponentsFacet,
    ComputeFacet,
    ConnectionsFacet,
    DataFacet,
    DatastoresFacet,
    EnvironmentsFacet,
    JobsFacet,
    ModelsFacet,
    OnlineDeploymentsFacet,
    OnlineEndpointsFacet,
    SnapshotsFacet,
)
from jupyter_aml.service.clock import Clock


class Context:
    """`find` gives the local workspace's facet of a name, None where it has none."""

    def __init__(
        self,
        *,
        home: Path,
        find: Callable[[str], object | None],
        clock: Clock,
        secret: bytes,
        user: str = "",
        created_at: str = "",
    ) -> None:
        self.home = home
        self.clock = clock
        self.user = user
        self.created_at = created_at
        """When this home was made: the workspace's own date."""
        self.base = ""
        """``https://127.0.0.1:PORT``, set when it listens; URLs in answers begin with it."""
        self.hosts: frozenset[str] = frozenset()
        """What a Host header may say: the address under each of its names."""
        self._find = find
        self._secret = secret
        self.tokens = Tokens(self.key("tokens"))
        self.identity_secret = self.key("identity").hex()
        """What azure-identity sends as X-IDENTITY-HEADER."""
        self.on_behalf_secret = self.key("on-behalf").hex()
        """What AzureMLOnBehalfOfCredential, which only jobs have, sends in its address."""

    def key(self, *purpose: str) -> bytes:
        """32 bytes that only this home knows, the same after every restart.

        For signatures and account keys: ``context.key("account", "workspaceblobstore")``.
        """
        return hmac.new(
            self._secret, "\0".join(("arm", *purpose)).encode(), hashlib.sha256
        ).digest()

    def facet(self, name: str) -> Any:
        """A facet by its name. Raises `NotFound` where the workspace lacks it."""
        found = self._find(name)
        if found is None:
            raise NotFound(f"The local workspace has no {name.replace('_', ' ')}.", target=name)
        return found

    @property
    def compute(self) -> ComputeFacet:
        return self.facet("compute")

    @property
    def jobs(self) -> JobsFacet:
        return self.facet("jobs")

    @property
    def snapshots(self) -> SnapshotsFacet:
        return self.facet("snapshots")

    @property
    def codes(self) -> CodesFacet:
        return self.facet("codes")

    @property
    def components(self) -> ComponentsFacet:
        return self.facet("components")

    @property
    def connections(self) -> ConnectionsFacet:
        return self.facet("connections")

    @property
    def environments(self) -> EnvironmentsFacet:
        return self.facet("environments")

    @property
    def datastores(self) -> DatastoresFacet:
        return self.facet("datastores")

    @property
    def data(self) -> DataFacet:
        return self.facet("data")

    @property
    def models(self) -> ModelsFacet:
        return self.facet("models")

    @property
    def online_endpoints(self) -> OnlineEndpointsFacet:
        return self.facet("online_endpoints")

    @property
    def online_deployments(self) -> OnlineDeploymentsFacet:
        return self.facet("online_deployments")

    @property
    def batch_endpoints(self) -> BatchEndpointsFacet:
        return self.facet("batch_endpoints")

    @property
    def batch_deployments(self) -> BatchDeploymentsFacet:
        return self.facet("batch_deployments")
