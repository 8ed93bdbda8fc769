"""Every form in which data can be named, and what is none."""

from __future__ import annotations

import pytest

from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.references import (
    Asset,
    InDatastore,
    JobOutput,
    OnMachine,
    Reference,
    Web,
    asset,
    is_reference,
    parse,
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("azureml:digits", Asset("digits")),
        ("azureml:digits:3", Asset("digits", "3")),
        ("azureml:digits@latest", Asset("digits")),
        (
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/"
            "workspaces/w/data/digits/versions/3",
            Asset("digits", "3"),
        ),
        ("azureml:/subscriptions/s/x/w/data/digits/versions/3", Asset("digits", "3")),
        ("azureml://locations/l/workspaces/w/data/digits/versions/3", Asset("digits", "3")),
        ("azureml://datastores/d/paths/a/b.csv", InDatastore("d", "a/b.csv")),
        ("azureml://datastores/d/paths/", InDatastore("d", "")),
        ("azureml://datastores/d", InDatastore("d", "")),
        (
            "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/d/paths/a",
            InDatastore("d", "a"),
        ),
        ("azureml://jobs/j/outputs/o", JobOutput("j", "o")),
        ("azureml://jobs/j/outputs/o/paths/a/b", JobOutput("j", "o", "a/b")),
        (
            "azureml://datastores/workspaceartifactstore/paths/ExperimentRun/dcid.j/outputs/m/",
            JobOutput("j", "artifacts", "outputs/m"),
        ),
        (
            "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/"
            "workspaceartifactstore/ExperimentRun/dcid.j",
            JobOutput("j", "artifacts"),
        ),
        ("https://host/a.csv?x=1", Web("https://host/a.csv?x=1")),
        ("file:///data/a%20b.csv", OnMachine("/data/a b.csv")),
        ("file:./a.csv", OnMachine("./a.csv")),
        ("data/a.csv", OnMachine("data/a.csv")),
        ("/data/a:b@c", OnMachine("/data/a:b@c")),
    ],
)
def test_each_form(text: str, found: Reference) -> None:
    assert parse(text) == found
    assert is_reference(text) == (not isinstance(found, OnMachine))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\0b",
        "azureml:",
        "azureml:a b",
        "azureml:a/b",
        "azureml:a@newest",
        "azureml://registries/r/data/d/versions/1x/",
        "azureml://x",
        "wasbs://c@account/x",
        "s3://bucket/x",
        "ftp://host/x",
        "https://user:password@host/x",
    ],
)
def test_what_means_nothing_here_is_refused_with_a_way_out(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse(text)
    assert refused.value.hint or "password" in refused.value.message
    assert "user:password" not in str(refused.value)


def test_a_verb_takes_an_asset_with_and_without_its_prefix() -> None:
    assert asset("digits") == asset("azureml:digits") == asset("digits@latest") == Asset("digits")
    assert asset("digits:3") == Asset("digits", "3")
    with pytest.raises(Invalid):
        asset("azureml://datastores/d/paths/x")
