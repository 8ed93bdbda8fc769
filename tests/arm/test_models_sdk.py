"""The stock SDK: models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "model"
    (made / "inner").mkdir(parents=True)
    (made / "weights.bin").write_bytes(bytes(range(256)) * 10)
    (made / "inner" / "a.txt").write_text("a")
    return made


def content_of(root: Path) -> dict[str, bytes]:
    files = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def test_a_folder_is_registered_and_downloaded(
    ml_client: Any, folder: Path, tmp_path: Path
) -> None:
    from azure.ai.ml.entities import Model

    body = Model(
        name="sdk-model",
        path=str(folder),
        type="custom_model",
        description="d",
        tags={"k": "v"},
        properties={"p": "q"},
        flavors={"sklearn": {"sklearn_version": "1.5.0"}},
    )
    made = ml_client.models.create_or_update(body)
    assert (made.name, made.version, made.type) == ("sdk-model", "1", "custom_model")
    assert (made.tags, made.description) == ({"k": "v"}, "d")
    assert made.properties["p"] == "q"
    assert made.flavors == {"sklearn": {"sklearn_version": "1.5.0"}}
    assert ml_client.models.get("sdk-model", label="latest").id == made.id
    ml_client.models.download("sdk-model", "1", str(tmp_path / "back"))
    assert content_of(tmp_path / "back" / "sdk-model" / "model") == content_of(folder)


def test_a_file_is_registered_and_downloaded(ml_client: Any, folder: Path, tmp_path: Path) -> None:
    from azure.ai.ml.entities import Model

    made = ml_client.models.create_or_update(
        Model(name="sdk-file-model", path=str(folder / "weights.bin"))
    )
    assert made.flavors in (None, {})
    ml_client.models.download("sdk-file-model", made.version, str(tmp_path / "back"))
    back = tmp_path / "back" / "sdk-file-model" / "weights.bin"
    assert back.read_bytes() == (folder / "weights.bin").read_bytes()


def test_versions_stages_and_tags(ml_client: Any, folder: Path) -> None:
    from azure.ai.ml.entities import Model

    first = ml_client.models.create_or_update(Model(name="sdk-staged", path=str(folder)))
    (folder / "weights.bin").write_bytes(b"new")
    second = ml_client.models.create_or_update(
        Model(name="sdk-staged", path=str(folder), stage="Production")
    )
    assert (first.version, second.version) == ("1", "2")
    assert [one.version for one in ml_client.models.list("sdk-staged")] == ["2", "1"]
    staged = ml_client.models.list("sdk-staged", stage="Production")
    assert [one.version for one in staged] == ["2"]
    first.tags = {"checked": "yes"}
    first.stage = "Staging"
    ml_client.models.create_or_update(first)
    found = ml_client.models.get("sdk-staged", version="1")
    assert (found.tags, found.stage) == ({"checked": "yes"}, "Staging")


def test_archiving_hides_and_restoring_shows(ml_client: Any, folder: Path) -> None:
    from azure.ai.ml.entities import Model

    ml_client.models.create_or_update(Model(name="sdk-old-model", path=str(folder)))
    ml_client.models.archive("sdk-old-model", version="1")
    assert list(ml_client.models.list("sdk-old-model")) == []
    ml_client.models.restore("sdk-old-model", version="1")
    ml_client.models.archive("sdk-old-model")
    assert "sdk-old-model" not in [one.name for one in ml_client.models.list()]
    ml_client.models.restore("sdk-old-model")
    assert "sdk-old-model" in [one.name for one in ml_client.models.list()]


def test_what_is_no_mlflow_model_is_refused(ml_client: Any, folder: Path) -> None:
    from azure.ai.ml.entities import Model
    from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

    with pytest.raises(HttpResponseError) as raised:
        ml_client.models.create_or_update(
            Model(name="sdk-no-mlflow", path=str(folder), type="mlflow_model")
        )
    assert raised.value.status_code == 400
    assert "MLmodel" in str(raised.value)
    with pytest.raises(ResourceNotFoundError):
        ml_client.models.get("sdk-no-mlflow", version="1")
