"""What the store keeps of endpoints, deployments and the processes that serve them."""

from __future__ import annotations

import msgspec

from jupyter_aml.model.endpoint import CreateOnlineDeployment, CreateOnlineEndpoint, Rollout
from jupyter_aml.model.environment import KERNEL
from jupyter_aml.model.errors import ErrorBody
from jupyter_aml.service.environments.place import Place


class EndpointRecord(msgspec.Struct, frozen=True, kw_only=True):
    """``state`` is a word of `lifecycle.ENDPOINT`. ``port`` never changes once it answered."""

    name: str
    state: str = "Creating"
    reason: str = ""
    spec: CreateOnlineEndpoint
    """As it was asked for: the same again is the same endpoint."""
    description: str = ""
    tags: dict[str, str] = {}
    port: int = 0
    has_answered: bool = False
    traffic: dict[str, int] = {}
    mirror_traffic: dict[str, int] = {}
    rollout: Rollout | None = None
    created_at: str = ""
    error: ErrorBody | None = None


class DeploymentRecord(msgspec.Struct, frozen=True, kw_only=True):
    """``state`` is a word of `lifecycle.DEPLOYMENT`.

    ``spec`` is what is to run, under the number ``generation``; each change of what runs gets the
    next one, and a folder and instances of its own.
    """

    endpoint: str
    name: str
    state: str = "Creating"
    reason: str = ""
    spec: CreateOnlineDeployment
    generation: int = 1
    has_been_ready: bool = False
    """Of this generation: once it was, what ends it is no fault of the script alone."""
    asleep: str = ""
    """Why it has no instance until a request comes; empty while it is awake."""
    scoring_code: str = ""
    created_at: str = ""
    ready_at: str | None = None
    error: ErrorBody | None = None
    environment: str = ""
    """Where it runs: "kernel", or the reference of what ``spec`` names or leaves open."""
    python: str = ""
    """The interpreter of "kernel"."""
    warnings: list[str] = []

    @property
    def place(self) -> Place:
        """Of one that was stored before there was a choice, what its spec says."""
        if self.environment:
            return Place(self.environment, self.python, self.warnings)
        return Place(self.spec.environment or KERNEL, self.spec.python, self.warnings)

    @property
    def path(self) -> str:
        """``endpoint/name``: how the feed, the ledger and models name it."""
        return f"{self.endpoint}/{self.name}"


class ProcessRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A router (``deployment`` is "") or an instance: stored before it is started, and again with
    its pid. What has none was being started when the service was killed."""

    name: str
    endpoint: str
    deployment: str = ""
    generation: int = 0
    marker: str
    """In the environment of the process, so that one without a known pid is found."""
    pid: int = 0
    created: float = 0
    cpus: list[int] = []
    memory_bytes: int = 0
    started_at: str = ""
