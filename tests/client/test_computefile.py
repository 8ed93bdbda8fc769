"""Compute files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.client.computefile import load
from jupyter_aml.model.compute import AmlCompute, ComputeInstance, ComputeSpec
from jupyter_aml.model.errors import Invalid


def compute_of(tmp_path: Path, text: str, **changes: Any) -> tuple[ComputeSpec, list[str]]:
    path = tmp_path / "compute.yml"
    path.write_text(text)
    return load(str(path), changes)


def test_a_cluster(tmp_path: Path) -> None:
    text = """\
$schema: https://azuremlschemas.azureedge.net/latest/amlCompute.schema.json
name: cpu-cluster
type: amlcompute
size: STANDARD_D2_V2
location: westus
min_instances: 0
max_instances: 4
idle_time_before_scale_down: 60
tier: LowPriority
tags: {a: 1}
"""
    spec, warnings = compute_of(tmp_path, text, max_instances=2)
    assert spec == AmlCompute(
        name="cpu-cluster",
        size="STANDARD_D2_V2",
        max_instances=2,
        idle_time_before_scale_down=60,
        tier="low_priority",
        tags={"a": "1"},
    )
    assert warnings == ["location is not used here."]


@pytest.mark.parametrize(
    ("field", "minutes"),
    [
        ("idle_time_before_shutdown: PT1H30M", 90),
        ("idle_time_before_shutdown: PT15M", 15),
        ("idle_time_before_shutdown_minutes: 30", 30),
        ("idle_time_before_shutdown_minutes: 0", None),
        ("description: none given", 60),
    ],
)
def test_an_instance(tmp_path: Path, field: str, minutes: int | None) -> None:
    spec, _ = compute_of(tmp_path, f"name: box\ntype: computeinstance\n{field}")
    assert isinstance(spec, ComputeInstance)
    assert spec.idle_time_before_shutdown_minutes == minutes


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name: c-one", "$.type is missing"),
        ("name: c-one\ntype: kubernetes", "cannot be 'kubernetes'"),
        ("type: amlcompute", "cannot name a compute"),
        ("name: c-one\ntype: amlcompute\nmax_instance: 2", "$.max_instance is not a field"),
        ("name: c-one\ntype: amlcompute\nmin_instances: 3\nmax_instances: 2", "more than"),
        ("name: box\ntype: computeinstance\nmax_instances: 2", "is not a field here"),
        ("name: box\ntype: computeinstance\nidle_time_before_shutdown: 1h", "PT30M"),
    ],
)
def test_what_is_wrong_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(Invalid) as caught:
        compute_of(tmp_path, text)
    assert says in caught.value.message
