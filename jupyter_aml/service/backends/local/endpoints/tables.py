"""What routers and scoring processes are told, as JSON files. Pure but for `write`."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from jupyter_aml.model.endpoint import CreateOnlineDeployment
from jupyter_aml.service.backends.local.endpoints.layout import EndpointLayout, InstanceLayout
from jupyter_aml.service.endpoints.keys import Secrets
from jupyter_aml.service.endpoints.records import EndpointRecord

HOST = "127.0.0.1"
LOG_BYTES = 16 << 20
_BATCH = 32
"""Requests that are given to one call of ``run`` at most, where micro-batching is asked for."""


def router_config(layout: EndpointLayout) -> dict[str, Any]:
    return {
        "table": str(layout.table),
        "control": str(layout.control),
        "console": str(layout.router_log),
    }


def table(
    record: EndpointRecord,
    layout: EndpointLayout,
    kept: Secrets,
    deployments: Mapping[str, dict[str, Any]],
    generation: int,
) -> dict[str, Any]:
    """The whole table of a router; `deployments` are made by `deployment`."""
    traffic = {name: percent for name, percent in record.traffic.items() if name in deployments}
    total = sum(traffic.values())
    return {
        "generation": generation,
        "endpoint": record.name,
        "host": HOST,
        "port": record.port,
        "auth": {
            "mode": record.spec.auth_mode,
            "keys": kept.hashes,
            "token_key": kept.token_key,
        },
        "traffic": traffic if total in (0, 100) else {},
        "mirror": {n: p for n, p in record.mirror_traffic.items() if n in deployments and p},
        "deployments": dict(deployments),
        "limits": {"max_request_bytes": largest(deployments)},
        "request_log": str(layout.requests),
        "request_log_bytes": LOG_BYTES,
    }


def largest(deployments: Mapping[str, dict[str, Any]]) -> int:
    """The router refuses by the largest that any deployment takes; an instance by its own."""
    return max((one["max_request_bytes"] for one in deployments.values()), default=10_000_000)


def deployment(
    spec: CreateOnlineDeployment,
    instances: Mapping[str, InstanceLayout],
    trouble: str,
    *,
    held: Sequence[str] = (),
) -> dict[str, Any]:
    """One deployment's row of the table. `held` are instances that get no request yet."""
    settings = spec.request_settings
    waiting = [name for name in held if name in instances]
    return {
        # A router that runs since before there was such a list does not know it.
        **({"held": waiting} if waiting else {}),
        "instances": {
            name: {"socket": str(at.socket), "begun": str(at.begun)}
            for name, at in instances.items()
        },
        "protocol": "http" if spec.engine == "azmlinfsrv" else "frames",
        "max_concurrent": settings.max_concurrent_requests_per_instance,
        "timeout_ms": round(settings.request_timeout * 1000),
        "micro_batch": _BATCH if settings.micro_batch else 0,
        "max_request_bytes": settings.max_request_bytes,
        "trouble": trouble,
    }


def scoring_config(
    endpoint: str,
    spec: CreateOnlineDeployment,
    instance: str,
    at: InstanceLayout,
    *,
    kind: str,
    model_dir: str,
    code_dir: str,
) -> dict[str, Any]:
    """What one scoring process is started with."""
    settings = spec.request_settings
    concurrent = settings.max_concurrent_requests_per_instance
    return {
        "endpoint": endpoint,
        "deployment": spec.name,
        "instance": instance,
        "engine": "azureml" if spec.engine == "azmlinfsrv" else "ours",
        "kind": kind,
        "model_dir": model_dir,
        "code_dir": code_dir,
        "script": spec.scoring_script or "score.py",
        "environment": dict(spec.environment_variables),
        "socket": str(at.socket),
        "state": str(at.state),
        "begun": str(at.begun),
        "console": str(at.console),
        "timeout_ms": round(settings.request_timeout * 1000),
        "threads": 1 if settings.micro_batch else min(concurrent, 64),
        "micro_batch": _BATCH if settings.micro_batch else 0,
        "max_request_bytes": settings.max_request_bytes,
    }


def write(path: Path, content: dict[str, Any]) -> None:
    """Replace a private file: whoever reads it sees the one before or this one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(msgspec.json.encode(content))
    temporary.replace(path)
