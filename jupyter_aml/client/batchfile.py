"""``az ml`` files of batch endpoints and deployments; their paths are relative to the file."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_aml.client import yamlfile
from jupyter_aml.client.deployedfile import read_environment, read_model
from jupyter_aml.client.jobdata import local_path
from jupyter_aml.client.yamlfile import Fields
from jupyter_aml.model.batch import BatchSettings, CreateBatchDeployment, CreateBatchEndpoint
from jupyter_aml.model.environment import EnvironmentContent
from jupyter_aml.model.names import LOCAL
from jupyter_aml.model.registry import CreateModel

_SHOWN = ("id", "state", "created_at", "deployments", "warnings", "scoring_uri", "openapi_uri")
"""What ``show`` says beside; a file may hold it, to no effect."""
_NOT_USED = ("properties", "auth_mode", "identity", "traffic", "job_definition", "component")
_ACTIONS = ("append_row", "summary_only")
_LEVELS = ("debug", "info", "warning", "error")


def load_endpoint(
    path: str, settings: Mapping[str, Any] | None = None
) -> tuple[CreateBatchEndpoint, list[str]]:
    """The endpoint of the file `path`, and what of it is not used here, in words."""
    fields, _ = yamlfile.load_fields(path, settings)
    fields.pass_over(_SHOWN)
    warnings = fields.left_aside(_NOT_USED)
    defaults = fields.fields("defaults")
    if defaults is not None:
        name = defaults.text("deployment_name")
        defaults.finish()
        if name:
            warnings.append(f"defaults are set later: --set-default of the deployment {name}.")
    made = CreateBatchEndpoint(
        name=fields.text("name"),
        description=fields.text("description"),
        tags=fields.texts("tags"),
    )
    fields.finish()
    return made, warnings


@dataclass
class FileBatchDeployment:
    """A deployment file. What it describes itself is registered first, under its names."""

    spec: CreateBatchDeployment
    model: CreateModel | None = None
    environment: EnvironmentContent | None = None


def load_deployment(
    path: str, settings: Mapping[str, Any] | None = None
) -> tuple[FileBatchDeployment, list[str]]:
    """The deployment of the file `path`, and what of it is not used here, in words."""
    fields, folder = yamlfile.load_fields(path, settings)
    fields.pass_over(_SHOWN)
    if fields.choice("type", ("model", "pipeline")) == "pipeline":
        fields.refuse("type", "cannot be pipeline here", "Write type: model.")
    warnings = fields.left_aside(_NOT_USED)
    name, endpoint = fields.text("name"), fields.text("endpoint_name")
    model, described = read_model(fields, folder, f"{endpoint}-{name}")
    environment, content = read_environment(fields, folder, warnings)
    code, script = _code(fields, folder)
    made = CreateBatchDeployment(
        name=name,
        endpoint_name=endpoint,
        model=model,
        code=code,
        scoring_script=script,
        environment=environment,
        python=sys.executable,
        environment_variables=fields.texts("environment_variables"),
        compute=_compute(fields),
        instance_count=_instances(fields),
        settings=_settings(fields),
        description=fields.text("description"),
        tags=fields.texts("tags"),
    )
    fields.finish()
    return FileBatchDeployment(made, described, content), warnings


def _code(fields: Fields, folder: Path) -> tuple[str, str]:
    inner = fields.fields("code_configuration")
    if inner is None:
        return "", ""
    code, script = inner.text("code"), inner.text("scoring_script")
    inner.finish()
    if not script:
        inner.refuse("scoring_script", "is missing", "As in  scoring_script: score.py")
    return code if code.startswith("snapshot:") else str(local_path(code or ".", folder)), script


def _compute(fields: Fields) -> str:
    text = fields.text("compute").removeprefix("azureml:")
    return text.rstrip("/").rpartition("/")[2] or LOCAL


def _instances(fields: Fields) -> int:
    inner = fields.fields("resources")
    count = fields.integer("instance_count", 1, 100)
    if inner is None:
        return count or 1
    count = inner.integer("instance_count", 1, 100) or count
    inner.take("instance_type")
    inner.finish()
    return count or 1


def _settings(fields: Fields) -> BatchSettings:
    """Of ``settings``, or of the file itself, as older files have them."""
    told: dict[str, Any] = {}
    for place in (fields, fields.fields("settings")):
        if place is None:
            continue
        told |= _settings_of(place)
        if place is not fields:
            place.finish()
    return BatchSettings(**told)


def _settings_of(fields: Fields) -> dict[str, Any]:
    most = 2**31
    found: dict[str, Any] = {
        "mini_batch_size": fields.integer("mini_batch_size", 1, most),
        "max_concurrency_per_instance": fields.integer("max_concurrency_per_instance", 1, 64),
        "error_threshold": fields.integer("error_threshold", -1, most),
        "output_action": fields.choice("output_action", _ACTIONS) or None,
        "output_file_name": fields.text("output_file_name") or None,
        "logging_level": fields.choice("logging_level", _LEVELS) or None,
    }
    retry = fields.fields("retry_settings")
    if retry is not None:
        found["max_retries"] = retry.integer("max_retries", 0, 100)
        timeout = retry.number("timeout")
        if timeout is not None and timeout <= 0:
            retry.refuse("timeout", "is a number of seconds above 0")
        found["timeout"] = timeout
        retry.finish()
    return {key: value for key, value in found.items() if value is not None}
