"""The stock SDK finds the local workspace."""

from __future__ import annotations

from typing import Any

import pytest


def test_the_workspace_is_there_under_its_own_name(ml_client: Any) -> None:
    found = ml_client.workspaces.get(ml_client.workspace_name)

    assert found.name == "local"
    assert found.discovery_url.startswith("https://127.0.0.1:")
    assert [one.name for one in ml_client.workspaces.list()] == ["local"]


def test_any_name_of_a_script_leads_to_it_and_comes_back(ml_client: Any) -> None:
    found = ml_client.workspaces.get("my-team-workspace")

    assert found.name == "my-team-workspace"
    assert found.id.endswith("/workspaces/my-team-workspace")


def test_what_is_not_served_names_the_operation(ml_client: Any) -> None:
    from azure.core.exceptions import ResourceNotFoundError

    with pytest.raises(ResourceNotFoundError) as raised:
        ml_client.feature_sets.get("none", version="1")

    assert "FeaturesetVersions_Get" in str(raised.value)
    assert "azure-compatibility" in str(raised.value)
    ml_client.exchanges.seen.clear()  # a 404 that Azure would give, under a code of ours
