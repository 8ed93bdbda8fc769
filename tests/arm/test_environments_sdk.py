"""The stock SDK: environments. Nothing is built here; what is promised is in the answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

CONDA = "name: mine\nchannels: [conda-forge]\ndependencies:\n- pip:\n  - six==1.17.0\n"


def test_an_image_with_a_conda_file(ml_client: Any, tmp_path: Path) -> None:
    from azure.ai.ml.entities import Environment

    (tmp_path / "conda.yml").write_text(CONDA)
    made = ml_client.environments.create_or_update(
        Environment(
            name="sdk-conda",
            image="mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04",
            conda_file=str(tmp_path / "conda.yml"),
            description="d",
            tags={"k": "v"},
        )
    )
    assert (made.name, made.version) == ("sdk-conda", "1")
    assert made.image == "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04"
    assert made.conda_file["dependencies"] == [{"pip": ["six==1.17.0"]}]
    found = ml_client.environments.get("sdk-conda", label="latest")
    assert (found.id, found.tags, found.description) == (made.id, {"k": "v"}, "d")
    assert "is not run here" in found.properties["jupyter_aml.warnings"]


def test_the_same_again_is_the_same_version_and_another_the_next(ml_client: Any) -> None:
    from azure.ai.ml.entities import Environment

    def create(image: str) -> str:
        body = Environment(name="sdk-image", image=image)
        return ml_client.environments.create_or_update(body).version

    assert [create("one"), create("one"), create("two")] == ["1", "1", "2"]
    assert [one.version for one in ml_client.environments.list("sdk-image")] == ["2", "1"]
    assert "sdk-image" in [one.name for one in ml_client.environments.list()]


def test_a_build_context(ml_client: Any, tmp_path: Path) -> None:
    from azure.ai.ml.entities import BuildContext, Environment

    (tmp_path / "Dockerfile").write_text(
        "FROM python:3.11\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n"
        "RUN apt-get install -y git\n"
    )
    (tmp_path / "requirements.txt").write_text("six==1.17.0\n")
    made = ml_client.environments.create_or_update(
        Environment(name="sdk-build", build=BuildContext(path=str(tmp_path)))
    )
    assert made.build.dockerfile_path == "Dockerfile"
    warnings = made.properties["jupyter_aml.warnings"]
    assert "apt-get" in warnings
    again = ml_client.environments.get("sdk-build", version=made.version)
    assert again.build.path == made.build.path


def test_archiving_hides_and_restoring_shows(ml_client: Any) -> None:
    from azure.ai.ml.entities import Environment

    ml_client.environments.create_or_update(Environment(name="sdk-old-env", image="x"))
    ml_client.environments.archive("sdk-old-env", version="1")
    assert list(ml_client.environments.list("sdk-old-env")) == []
    ml_client.environments.restore("sdk-old-env", version="1")
    assert [one.version for one in ml_client.environments.list("sdk-old-env")] == ["1"]
    ml_client.environments.archive("sdk-old-env")
    assert "sdk-old-env" not in [one.name for one in ml_client.environments.list()]


@pytest.mark.parametrize("name", ["AzureML-sklearn-1.0-ubuntu20.04-py38-cpu", "kernel"])
def test_curated_names_are_the_nearest_there_is(ml_client: Any, name: str) -> None:
    found = ml_client.environments.get(name, label="latest")
    assert found.name == name
    assert found.image
    assert ml_client.environments.get(name, version=found.version).id == found.id


def test_what_is_wrong_is_refused(ml_client: Any, tmp_path: Path) -> None:
    from azure.ai.ml.entities import BuildContext, Environment
    from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

    (tmp_path / "Dockerfile").write_text("FROM x\nRUN pip install -r nothing.txt\n")
    for body in (
        Environment(name="sdk-wrong", build=BuildContext(path=str(tmp_path))),
        Environment(name="sdk-wrong", image="x", conda_file={"dependencies": "numpy"}),
        Environment(name="kernel", image="x"),
    ):
        with pytest.raises(HttpResponseError) as raised:
            ml_client.environments.create_or_update(body)
        assert raised.value.status_code in (400, 409)
    with pytest.raises(ResourceNotFoundError):
        ml_client.environments.get("sdk-wrong", version="1")
