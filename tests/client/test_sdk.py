"""The variables that lead Azure's SDK here, and that nothing else leads it elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_aml.client import sdk, sdk_doctor
from jupyter_aml.model.azure import ArmAccess, no_proxy

ACCESS = ArmAccess(
    state="open",
    url="https://127.0.0.1:1",
    identity_endpoint="http://127.0.0.1:2/msi/token",
    identity_header="secret",
    ca_bundle="/home/x/arm/bundle.pem",
    subscription_id="s",
    resource_group="g",
    workspace_name="w",
)


def test_credentials_that_would_reach_azure_are_unset() -> None:
    environ = {"AZURE_CLIENT_SECRET": "real", "AZUREML_CURRENT_CLOUD": "AzureChina", "OTHER": "1"}

    sdk.variables(ACCESS, environ).apply(environ)

    assert "AZURE_CLIENT_SECRET" not in environ
    assert "AZUREML_CURRENT_CLOUD" not in environ
    assert environ["OTHER"] == "1"
    assert environ["AZUREML_DEV_URL_MFE"] == ACCESS.url


@pytest.mark.parametrize(
    ("present", "wanted"),
    [
        ("", "127.0.0.1,localhost"),
        ("corp.example, 127.0.0.1", "corp.example,127.0.0.1,localhost"),
        ("127.0.0.1,localhost", "127.0.0.1,localhost"),
    ],
)
def test_no_proxy_keeps_what_is_there(present: str, wanted: str) -> None:
    assert no_proxy(present) == wanted


def test_the_small_no_proxy_is_not_left_behind_where_it_counts() -> None:
    assert "no_proxy" not in sdk.variables(ACCESS, {}).set
    assert sdk.variables(ACCESS, {"no_proxy": "x"}).set["no_proxy"] == "x,127.0.0.1,localhost"


def test_the_secret_is_not_shown_by_accident() -> None:
    assert "secret" not in repr(ACCESS)


def test_the_doctor_starts_nothing_and_names_the_hosts_of_azure(home: Path) -> None:
    found = {check.name: check for check in sdk_doctor.diagnose(home)}

    assert "closed" in found["Compatible API"].message
    assert "management.azure.com" in found
    assert not (home / "service.json").exists()


def test_the_doctor_sees_a_credential_in_the_way(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZUREML_DEV_URL_MFE", "https://127.0.0.1:9")
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "real")

    found = {check.name: check for check in sdk_doctor.diagnose(home)}

    assert found["Other credentials"].level == "warn"
    assert "real" not in found["Other credentials"].message
    assert found["Where scripts go"].level == "fail"
