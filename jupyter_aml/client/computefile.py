"""``az ml`` compute YAML to a `ComputeSpec`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from jupyter_aml.client import yamlfile
from jupyter_aml.client.yamlfile import Fields
from jupyter_aml.model.compute import AmlCompute, ComputeInstance, ComputeSpec
from jupyter_aml.model.names import check_name

_NOT_HERE = (
    "location",
    "identity",
    "network_settings",
    "ssh_settings",
    "ssh_public_access_enabled",
    "enable_node_public_ip",
    "create_on_behalf_of",
    "schedules",
    "setup_scripts",
    "custom_applications",
    "enable_os_patching",
    "enable_root_access",
    "release_quota_on_stop",
    "enable_sso",
)
_SHOWN = ("id", "provisioning_state", "provisioning_errors", "created_on", "resource_id")
"""What ``compute show`` says beside; a file may hold it, to no effect."""


def load(path: str, settings: Mapping[str, Any] | None = None) -> tuple[ComputeSpec, list[str]]:
    """The compute of the file `path`, and what of it is not used here, in words."""
    fields, _ = yamlfile.load_fields(path, settings)
    kind = fields.choice("type", ("amlcompute", "computeinstance"))
    if not kind:
        fields.refuse("type", "is missing", "It is amlcompute or computeinstance.")
    common: dict[str, Any] = {
        "name": check_name("compute", fields.text("name")),
        "size": fields.text("size"),
        "description": fields.text("description"),
        "tags": fields.texts("tags"),
    }
    spec = _cluster(fields, common) if kind == "amlcompute" else _instance(fields, common)
    warnings = fields.left_aside(_NOT_HERE)
    fields.pass_over(_SHOWN)
    fields.finish()
    return spec, warnings


def _cluster(fields: Fields, common: dict[str, Any]) -> AmlCompute:
    least = fields.integer("min_instances", 0, 100) or 0
    most = fields.integer("max_instances", 1, 100)
    if most is None:
        most = max(1, least)
    if least > most:
        fields.refuse("min_instances", f"is {least}, which is more than max_instances, {most}")
    idle = fields.integer("idle_time_before_scale_down", 0, 86_400)
    tier = fields.choice("tier", ("dedicated", "low_priority", "lowpriority")) or "dedicated"
    return AmlCompute(
        **common,
        min_instances=least,
        max_instances=most,
        idle_time_before_scale_down=120 if idle is None else idle,
        tier=cast("Any", "low_priority" if tier.startswith("low") else tier),
    )


def _instance(fields: Fields, common: dict[str, Any]) -> ComputeInstance:
    minutes = fields.integer("idle_time_before_shutdown_minutes", 0, 4320)
    text = fields.text("idle_time_before_shutdown")
    if minutes is None and text:
        found = re.fullmatch(r"PT(?:(\d{1,3})H)?(?:(\d{1,4})M)?", text, re.IGNORECASE)
        if not found or not any(found.groups()):
            fields.refuse("idle_time_before_shutdown", f"is written as PT30M, not {text!r}")
        minutes = int(found[1] or 0) * 60 + int(found[2] or 0)
    if minutes is None:
        return ComputeInstance(**common)
    return ComputeInstance(**common, idle_time_before_shutdown_minutes=minutes or None)
