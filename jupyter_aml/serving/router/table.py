"""The table: what the service tells a router to do (contracts.md, "The router")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ..settings import ConfigError, build, load

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,254}")


@dataclass(frozen=True)
class InstanceSpec:
    """Where an instance is, and where it notes what it has begun."""

    socket: str
    begun: str = ""


@dataclass(frozen=True)
class DeploymentSpec:
    """One deployment. `instances` are specs once the table is read."""

    instances: dict[str, InstanceSpec] = field(default_factory=dict[str, InstanceSpec])
    held: list[str] = field(default_factory=list[str])
    """Instances that are connected to and get no request yet."""
    protocol: Literal["frames", "http"] = "frames"
    max_concurrent: int = 1
    max_queue: int | None = None
    timeout_ms: int = 5000
    hold_seconds: float = 30.0
    idempotent: bool = False
    micro_batch: int = 0
    trouble: str = ""


@dataclass(frozen=True)
class Auth:
    """Who may ask. `keys` are SHA-256 in hex, `token_key` is hex."""

    mode: Literal["key", "aml_token", "none"] = "key"
    keys: list[str] = field(default_factory=list[str])
    token_key: str = ""


@dataclass(frozen=True)
class Limits:
    """What one client, and all together, may take."""

    max_request_bytes: int = 10 << 20
    max_connections: int = 500
    requests_per_second: float = 0.0
    buffered_bytes: int = 256 << 20
    header_seconds: float = 10.0
    body_seconds: float = 60.0
    write_seconds: float = 60.0
    idle_seconds: float = 120.0


@dataclass(frozen=True)
class Table:
    """Whole and consistent, or not there at all."""

    endpoint: str
    port: int
    host: str = "127.0.0.1"
    generation: int = 0
    hosts: list[str] = field(default_factory=list[str])
    auth: Auth = field(default_factory=Auth)
    traffic: dict[str, int] = field(default_factory=dict[str, int])
    mirror: dict[str, int] = field(default_factory=dict[str, int])
    mirror_bytes_per_second: float = 5e6
    deployments: dict[str, DeploymentSpec] = field(default_factory=dict[str, DeploymentSpec])
    limits: Limits = field(default_factory=Limits)
    request_log: str = ""
    request_log_bytes: int = 16 << 20
    model_errors: Literal["azure", "plain"] = "azure"


def read(path: str) -> Table:
    """The table in a file. Raise `ConfigError` that names what is wrong."""
    values = dict(load(path))
    values["auth"] = build(Auth, _object(values, "auth"), "auth")
    values["limits"] = build(Limits, _object(values, "limits"), "limits")
    values["deployments"] = {
        name: _deployment(name, spec) for name, spec in _object(values, "deployments").items()
    }
    table = build(Table, values, "table")
    _check(table)
    return table


def _deployment(name: str, values: Any) -> DeploymentSpec:
    where = f"deployments.{name}"
    if not _NAME.fullmatch(name) or not isinstance(values, dict):
        raise ConfigError(f"{where}: not a deployment")
    instances = {
        each: build(InstanceSpec, spec, f"{where}.instances.{each}")
        for each, spec in _object(values, "instances").items()
    }
    return build(DeploymentSpec, {**values, "instances": instances}, where)


def _object(values: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = values.get(name, {})
    if not isinstance(value, dict):
        raise ConfigError(f"{name}: not an object")
    return value


def _check(table: Table) -> None:
    for what, shares in (("traffic", table.traffic), ("mirror", table.mirror)):
        unknown = set(shares) - set(table.deployments)
        if unknown:
            raise ConfigError(f"{what}: no deployment {', '.join(sorted(unknown))}")
        if any(not isinstance(share, int) or not 0 <= share <= 100 for share in shares.values()):
            raise ConfigError(f"{what}: a share is a whole number from 0 to 100")
    if sum(table.traffic.values()) not in (0, 100):
        raise ConfigError(f"traffic: adds up to {sum(table.traffic.values())}, not to 0 or 100")
    if not 0 <= table.port < 65536:
        raise ConfigError(f"port: {table.port}")
    try:
        bytes.fromhex(table.auth.token_key)
    except ValueError:
        raise ConfigError("auth.token_key: not hex") from None
    if table.auth.mode == "aml_token" and not table.auth.token_key:
        raise ConfigError("auth.token_key: needed for tokens")
