"""Connections through the stock SDK: of every kind that it has, and their secrets."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_aml.testing.waiting import eventually_sync

TARGET = "https://somewhere.example"

SECRETS = {
    "c-git": {"pat": "secret-git"},
    "c-feed": {"username": "me", "password": "secret-feed"},
    "c-open": {},
    "c-s3": {"accessKeyId": "me", "secretAccessKey": "secret-s3"},
    "c-custom": {"key": "secret-custom"},
    "c-blob": {"sas": "secret-blob"},
    "c-account": {"sas": "secret-account"},
    "c-principal": {"tenantId": "t", "clientId": "me", "clientSecret": "secret-principal"},
    "c-search": {"key": "secret-search"},
    "c-openai": {"key": "secret-openai"},
}
"""What Azure's wire has of each."""
SCOPE = {"resource_group_name": "g", "workspace_name": "w"}
OF_DATA = {"c-blob", "c-account"}


def _made() -> list[Any]:
    """One for each kind of credentials, and some that have a class of their own."""
    from azure.ai.ml import entities as sdk

    def plain(name: str, kind: str, credentials: Any) -> Any:
        return sdk.WorkspaceConnection(
            name=name, type=kind, target=TARGET, credentials=credentials, metadata={"of": name}
        )

    def blob(name: str, credentials: Any) -> Any:
        return sdk.AzureBlobStoreConnection(
            name=name, url=TARGET, container_name="c", account_name="a", credentials=credentials
        )

    principal = {"tenant_id": "t", "client_id": "me", "client_secret": "secret-principal"}
    return [
        plain("c-git", "git", sdk.PatTokenConfiguration(pat="secret-git")),
        plain(
            "c-feed",
            "python_feed",
            sdk.UsernamePasswordConfiguration(username="me", password="secret-feed"),
        ),
        plain("c-open", "python_feed", sdk.NoneCredentialConfiguration()),
        plain(
            "c-s3",
            "s3",
            sdk.AccessKeyConfiguration(access_key_id="me", secret_access_key="secret-s3"),
        ),
        plain("c-custom", "custom", sdk.ApiKeyConfiguration(key="secret-custom")),
        plain("c-principal", "azure_sql_db", sdk.ServicePrincipalConfiguration(**principal)),
        blob("c-blob", sdk.SasTokenConfiguration(sas_token="secret-blob")),
        blob("c-account", sdk.AccountKeyConfiguration(account_key="secret-account")),
        sdk.AzureAISearchConnection(name="c-search", endpoint=TARGET, api_key="secret-search"),
        sdk.AzureOpenAIConnection(
            name="c-openai", azure_endpoint=TARGET, api_key="secret-openai", api_version="1"
        ),
    ]


def _names(client: Any, **chosen: Any) -> set[str]:
    return {one.name for one in client.connections.list(**chosen)} & set(SECRETS)


@pytest.fixture
def made(ml_client: Any) -> dict[str, Any]:
    return {one.name: ml_client.connections.create_or_update(one) for one in _made()}


def test_every_kind_comes_back_as_it_was_made(ml_client: Any, made: dict[str, Any]) -> None:
    for asked in _made():
        found = ml_client.connections.get(asked.name)
        assert type(found) is type(asked)
        assert (found.type, found.target) == (asked.type, asked.target)
        assert type(found.credentials) is type(asked.credentials)
        assert found.metadata == asked.metadata
        assert made[asked.name].id == found.id

    assert _names(ml_client) == set(SECRETS) - OF_DATA
    # `include_data_connections` does not reach the wire: the SDK says includeAll=false
    all_of_them = ml_client.connections._operation.list(include_all=True, **SCOPE)
    assert {one.name for one in all_of_them} >= set(SECRETS)
    assert _names(ml_client, connection_type="python_feed") == {"c-feed", "c-open"}


def test_secrets_are_told_to_who_asks_for_them_alone(ml_client: Any, made: dict[str, Any]) -> None:
    assert len(made) == len(SECRETS)
    rest = ml_client.connections._operation
    for name, secrets in SECRETS.items():
        told = rest.list_secrets(connection_name=name, **SCOPE)
        assert (told.as_dict()["properties"].get("credentials") or {}) == secrets
    listed = rest.list(include_all=True, **SCOPE)
    shown = [str(one.as_dict()) for one in listed if one.name in SECRETS]
    assert not [text for text in shown if "secret-" in text]

    found = ml_client.connections.get("c-search", populate_secrets=True)
    assert found.credentials.key == "secret-search"


def test_one_that_was_read_is_sent_again_without_losing_its_secret(
    ml_client: Any, made: dict[str, Any]
) -> None:
    again = made["c-search"]
    again.metadata["more"] = "said"
    ml_client.connections.create_or_update(again)

    found = ml_client.connections.get("c-search", populate_secrets=True)
    assert found.metadata["more"] == "said"
    assert found.credentials.key == "secret-search"


def test_one_that_is_deleted_is_gone(ml_client: Any, made: dict[str, Any]) -> None:
    from azure.core.exceptions import ResourceNotFoundError

    assert "c-git" in made
    ml_client.connections.delete("c-git")
    ml_client.connections.delete("c-git")

    assert "c-git" not in _names(ml_client)
    with pytest.raises(ResourceNotFoundError, match="no connection 'c-git'"):
        ml_client.connections.get("c-git")


def test_nothing_of_a_secret_is_in_the_log(
    ml_client: Any, made: dict[str, Any], azure_environment: Any
) -> None:
    assert made
    eventually_sync(lambda: bool(azure_environment.service.log()))
    assert "secret-" not in azure_environment.service.log()
