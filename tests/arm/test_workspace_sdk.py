"""The stock SDK finds the local workspace."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.arm.guard import Guard
from tests.arm.live import Live


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


@pytest.mark.filterwarnings("ignore")
def test_one_line_gives_the_stock_client_and_leaves_the_environment_alone(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    import jupyter_aml as aml

    for name in ("AZUREML_DEV_URL_MFE", "IDENTITY_ENDPOINT", "IDENTITY_HEADER"):
        monkeypatch.delenv(name, raising=False)
    for name in ("REQUESTS_CA_BUNDLE", "NO_PROXY", "AZUREML_CURRENT_CLOUD"):
        monkeypatch.setenv(name, "x")  # whatever becomes of it ends with this test
        monkeypatch.delenv(name)
    monkeypatch.setenv("JUPYTER_AML_HOME", str(live.home))
    with Guard() as guard:
        client = aml.ml_client()
        found = client.workspaces.get(client.workspace_name)

    assert found.name == "local"
    assert guard.refused == []
    assert "AZUREML_DEV_URL_MFE" not in os.environ
    assert "IDENTITY_HEADER" not in os.environ
    assert os.environ["NO_PROXY"] == "127.0.0.1,localhost"
