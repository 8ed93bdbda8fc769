"""``az ml`` endpoint and deployment files, with the model and environment that one describes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_aml.client import yamlfile
from jupyter_aml.client.deployedfile import read_environment, read_model
from jupyter_aml.client.modelfile import whole_path
from jupyter_aml.client.yamlfile import Fields
from jupyter_aml.model.endpoint import (
    CreateOnlineDeployment,
    CreateOnlineEndpoint,
    Probe,
    RequestSettings,
    ScaleSettings,
)
from jupyter_aml.model.environment import EnvironmentContent
from jupyter_aml.model.registry import CreateModel

_ENDPOINT_NOT_USED = (
    "compute",
    "identity",
    "public_network_access",
    "defaults",
    "properties",
    "kind",
    "location",
)
_ENDPOINT_SHOWN = (
    "id scoring_uri openapi_uri provisioning_state state reason rollout deployments created_at "
    "error"
).split()
_DEPLOYMENT_NOT_USED = (
    "data_collector",
    "egress_public_network_access",
    "model_mount_path",
    "properties",
    "type",
    "resources",
    "private_network_connection",
)
_DEPLOYMENT_SHOWN = (
    "id provisioning_state state reason scoring_code instances wanted_instances created_at "
    "ready_at error warnings list_price_per_hour"
).split()


@dataclass
class FileEndpoint:
    """An endpoint file: what to create, and the traffic to set where its deployments are there."""

    spec: CreateOnlineEndpoint
    traffic: dict[str, int] = field(default_factory=dict[str, int])
    mirror_traffic: dict[str, int] = field(default_factory=dict[str, int])


@dataclass
class FileDeployment:
    """A deployment file. What it describes itself is registered first, under its names."""

    spec: CreateOnlineDeployment
    model: CreateModel | None = None
    environment: EnvironmentContent | None = None


def load_endpoint(
    path: str, settings: Mapping[str, Any] | None = None
) -> tuple[FileEndpoint, list[str]]:
    """The endpoint of the file `path`, and what of it is not used here, in words."""
    fields, _ = yamlfile.load_fields(path, settings)
    warnings = fields.left_aside(_ENDPOINT_NOT_USED)
    mode = fields.choice("auth_mode", ("key", "aml_token", "aad_token")) or "key"
    if mode == "aad_token":
        mode = "aml_token"
        warnings.append("auth_mode aad_token is not used here: tokens of the endpoint's own are.")
    found = FileEndpoint(
        CreateOnlineEndpoint(
            name=_name(fields),
            auth_mode="key" if mode == "key" else "aml_token",
            description=fields.text("description"),
            tags=fields.texts("tags"),
        ),
        _percentages(fields, "traffic", 100),
        _percentages(fields, "mirror_traffic", 50),
    )
    fields.pass_over(_ENDPOINT_SHOWN)
    fields.finish()
    return found, warnings


def load_deployment(
    path: str, settings: Mapping[str, Any] | None = None
) -> tuple[FileDeployment, list[str]]:
    """The deployment of the file `path`, and what of it is not used here, in words."""
    fields, folder = yamlfile.load_fields(path, settings)
    warnings = fields.left_aside(_DEPLOYMENT_NOT_USED)
    name, endpoint = _name(fields), fields.text("endpoint_name")
    model, described = read_model(fields, folder, f"{endpoint}-{name}")
    environment, content = read_environment(fields, folder, warnings)
    code, script = _code(fields, folder)
    spec = CreateOnlineDeployment(
        name=name,
        endpoint_name=endpoint,
        model=model,
        code=code,
        scoring_script=script,
        environment=environment,
        environment_variables=fields.texts("environment_variables"),
        instance_type=fields.text("instance_type"),
        scale_settings=_scale(fields),
        request_settings=_requests(fields, warnings),
        liveness_probe=_probe(fields, "liveness_probe"),
        readiness_probe=_probe(fields, "readiness_probe"),
        app_insights_enabled=fields.text("app_insights_enabled") != "false",
        description=fields.text("description"),
        tags=fields.texts("tags"),
    )
    fields.pass_over(_DEPLOYMENT_SHOWN)
    fields.finish()
    return FileDeployment(spec, described, content), warnings


def _name(fields: Fields) -> str:
    name = fields.text("name")
    if not name:
        fields.refuse("name", "is missing")
    return name


def _percentages(fields: Fields, key: str, most: int) -> dict[str, int]:
    inner = fields.fields(key)
    if inner is None:
        return {}
    return {name: inner.integer(name, 0, most) or 0 for name in inner.keys()}  # noqa: SIM118


def _code(fields: Fields, folder: Path) -> tuple[str, str]:
    inner = fields.fields("code_configuration")
    if inner is None:
        return "", ""
    code, script = inner.text("code"), inner.text("scoring_script")
    inner.finish()
    if not script:
        fields.refuse("code_configuration", "names no scoring_script")
    return whole_path(code or ".", folder), script


def _scale(fields: Fields) -> ScaleSettings:
    count = fields.integer("instance_count", 0, 50)
    inner = fields.fields("scale_settings")
    fixed = 1 if count is None else count
    if inner is None:
        return ScaleSettings(min_instances=fixed, max_instances=max(1, fixed))
    kind = inner.choice("type", ("default", "target_utilization")) or "default"
    given: dict[str, Any] = {
        "min_instances": inner.integer("min_instances", 0, 50),
        "max_instances": inner.integer("max_instances", 1, 50),
        "target_utilization_percentage": inner.integer("target_utilization_percentage", 1, 100),
        "polling_interval": inner.number("polling_interval"),
        "idle_seconds_before_scale_down": inner.number("idle_seconds_before_scale_down"),
    }
    inner.finish()
    if kind == "default" and given["max_instances"] is None:
        given |= {"min_instances": fixed, "max_instances": max(1, fixed)}
    return ScaleSettings(**{name: value for name, value in given.items() if value is not None})


def _requests(fields: Fields, warnings: list[str]) -> RequestSettings:
    inner = fields.fields("request_settings")
    if inner is None:
        return RequestSettings()
    if inner.take("max_queue_wait_ms") is not None:
        warnings.append("request_settings.max_queue_wait_ms is not used here.")
    milliseconds = inner.integer("request_timeout_ms", 1, 180_000)
    given: dict[str, Any] = {
        "request_timeout": None if milliseconds is None else milliseconds / 1000,
        "max_concurrent_requests_per_instance": inner.integer(
            "max_concurrent_requests_per_instance", 1, 1000
        ),
        "max_request_bytes": inner.integer("max_request_bytes", 1, 1 << 32),
    }
    if micro := inner.text("micro_batch"):
        given["micro_batch"] = micro == "true"
    inner.finish()
    return RequestSettings(**{name: value for name, value in given.items() if value is not None})


def _probe(fields: Fields, key: str) -> Probe:
    inner = fields.fields(key)
    if inner is None:
        return Probe()
    given: dict[str, Any] = {
        "initial_delay": inner.number("initial_delay"),
        "period": inner.number("period"),
        "timeout": inner.number("timeout"),
        "success_threshold": inner.integer("success_threshold", 1, 1000),
        "failure_threshold": inner.integer("failure_threshold", 1, 1000),
    }
    inner.finish()
    return Probe(**{name: value for name, value in given.items() if value is not None})
