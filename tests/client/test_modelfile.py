"""``az ml`` model files."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_aml.client.modelfile import load, whole_path
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.registry import CreateModel

FILE = """
$schema: https://azuremlschemas.azureedge.net/latest/model.schema.json
name: digits
version: 3
path: ./model
type: mlflow_model
stage: production
description: what for
tags: {a: b, n: 1}
properties: {x: y}
flavors: {sklearn: {sklearn_version: 1.5.0}}
"""


def written(folder: Path, text: str = FILE) -> str:
    path = folder / "model.yml"
    path.write_text(text)
    return str(path)


def test_every_field(tmp_path: Path) -> None:
    model, warnings = load(written(tmp_path))
    assert model == CreateModel(
        name="digits",
        version="3",
        path=str(tmp_path / "model"),
        type="mlflow_model",
        stage="Production",
        description="what for",
        tags={"a": "b", "n": "1"},
        properties={"x": "y"},
        flavors={"sklearn": {"sklearn_version": "1.5.0"}},
    )
    assert warnings == []


def test_settings_change_fields_and_references_stay(tmp_path: Path) -> None:
    path = "azureml://jobs/j/outputs/model"
    model, warnings = load(written(tmp_path), {"path": path, "datastore": "azureml:d"})
    assert model.path == path
    assert warnings == ["datastore is not used here."]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name: a\n", "names no path"),
        ("name: a\npath: b\ntype: onnx\n", "type cannot be 'onnx'"),
        ("name: a\npath: b\nstage: done\n", "stage cannot be 'done'"),
        ("name: a\npath: b\nflavors: x\n", "a field for each flavour"),
        ("name: a\npath: b\nversoin: 1\n", "is not a field"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(Invalid, match=words) as refused:
        load(written(tmp_path, text))
    assert "model.yml" in refused.value.target


def test_what_show_says_is_a_file(tmp_path: Path) -> None:
    shown = FILE + "created_at: now\nbytes: 3\nlineage: {job: j}\nrequirements: [a]\n"
    assert load(written(tmp_path, shown))[0].name == "digits"


def test_paths_are_made_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert whole_path("a/../b") == str(tmp_path / "b")
    assert whole_path("azureml:digits:1") == "azureml:digits:1"
    assert whole_path("runs:/j/m") == "runs:/j/m"
