"""What a Dockerfile installs is taken; what else it does is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_aml.model.errors import Invalid
from jupyter_aml.service.environments import dockerfile


def written(folder: Path, text: str, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "Dockerfile").write_text(text)
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_text(content)
    return folder


def test_pip_part_and_image_are_taken(tmp_path: Path) -> None:
    folder = written(
        tmp_path,
        "# a comment\n"
        "FROM mcr.microsoft.com/azureml/base:latest AS base\n"
        "WORKDIR /code\n"
        "COPY requirements.txt /tmp/requirements.txt\n"
        "RUN pip install --no-cache-dir -r /tmp/requirements.txt && \\\n"
        "    python -m pip install 'scikit-learn>=1.4' \\\n"
        "      pandas --extra-index-url https://example.org/simple && rm -rf /root/.cache\n",
        requirements__txt="numpy\nscipy\n",
    )
    found = dockerfile.read(folder)
    assert found.image == "mcr.microsoft.com/azureml/base:latest"
    assert found.requirements == [
        "numpy",
        "scipy",
        "scikit-learn>=1.4",
        "pandas",
        "--extra-index-url https://example.org/simple",
    ]
    assert found.left_out == []


def test_a_conda_file_is_taken(tmp_path: Path) -> None:
    conda = "dependencies: [python=3.11]\n"
    folder = written(
        tmp_path,
        "FROM x\nCOPY conda.yml .\nRUN conda env create -n a -f conda.yml\n",
        conda__yml=conda,
    )
    assert dockerfile.read(folder).conda_file == conda


def test_the_rest_is_told(tmp_path: Path) -> None:
    folder = written(tmp_path, "FROM x\nRUN apt-get update\nENV A=1\nUSER me\nRUN pip install 'a\n")
    left_out = dockerfile.read(folder).left_out
    assert [line.split()[:2] for line in left_out] == [
        ["RUN", "apt-get"],
        ["ENV", "A=1"],
        ["USER", "me"],
    ]


def test_files_outside_of_the_context_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    folder = written(tmp_path / "ctx", "FROM x\nRUN pip install -r ../secret.txt\n")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(Invalid):
        dockerfile.read(folder)
    with pytest.raises(Invalid):
        dockerfile.read(written(folder, "FROM x\nRUN pip install -r link.txt\n"))
    for name in ("", "../secret.txt", "no", "/etc/passwd"):
        with pytest.raises(Invalid):
            dockerfile.read(folder, name)
