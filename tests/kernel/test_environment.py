"""A module that the environment lacks is refused before the cell is sent there."""

from __future__ import annotations

import platform
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_aml.kernel import environment
from jupyter_aml.kernel.notebook import Notebook
from jupyter_aml.model.environment import Environment
from jupyter_aml.model.errors import Invalid
from tests.client.fake_service import FakeService
from tests.kernel.conftest import RecordingShell

HERE = platform.python_version()


def trees(**fields: Any) -> Environment:
    known = {"state": "Succeeded", "version": "1", "content": "0123", "python": HERE, **fields}
    return Environment(name="trees", **known)


def check(found: Environment, *needed: str, folder: Path) -> list[str]:
    client: Any = SimpleNamespace(environments=SimpleNamespace(get=lambda name: found))
    return environment.check(client, "trees", needed, str(folder))


def test_a_built_environment_is_known_exactly(tmp_path: Path) -> None:
    built = trees(modules=["numpy", "sklearn"])
    assert check(built, "numpy", "sklearn.linear_model", "os", folder=tmp_path) == []
    with pytest.raises(Invalid) as refused:
        check(built, "numpy", "pandas.core", "seaborn_x", folder=tmp_path)
    assert refused.value.target == "pandas, seaborn_x"
    assert "trees:1 has no module" in refused.value.message
    assert "Nothing was started" in refused.value.hint


def test_modules_of_the_folder_travel(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("")
    assert check(trees(modules=[]), "mine", folder=tmp_path) == []


def test_before_the_build_requirements_say_it_with_what_they_bring_along(tmp_path: Path) -> None:
    # pandas is installed beside the tests, so what it brings along is known.
    wanted = trees(state="NotBuilt", requirements=["pandas>=1", "scikit_learn; python_version>'3'"])
    assert check(wanted, "pandas", "numpy", "dateutil", "sklearn", folder=tmp_path) == []
    with pytest.raises(Invalid, match="no module tqdm"):
        check(wanted, "pandas", "tqdm", folder=tmp_path)


def test_what_brings_along_nobody_knows_what_is_a_warning(tmp_path: Path) -> None:
    wanted = trees(state="Failed", requirements=["nobody-has-this-here", "--no-index"])
    assert check(wanted, "nobody_has_this_here", folder=tmp_path) == []
    (said,) = check(wanted, "tqdm", folder=tmp_path)
    assert "not built yet" in said
    assert "tqdm" in said


def test_another_python_is_said(tmp_path: Path) -> None:
    (said,) = check(trees(python="3.2.1"), folder=tmp_path)
    assert "3.2.1" in said
    assert HERE in said


def test_the_kernel_and_an_image_are_not_asked(tmp_path: Path) -> None:
    assert check(trees(source="kernel", content=""), "nothing_here", folder=tmp_path) == []
    assert check(trees(content="", image="x"), "nothing_here", folder=tmp_path) == []


def test_a_cell_is_refused_before_it_is_sent(
    shell: RecordingShell, notebook: Notebook, service: FakeService
) -> None:
    service.environments["trees"] = {
        "name": "trees",
        "version": "1",
        "state": "Succeeded",
        "content": "0123",
        "python": HERE,
        "modules": ["cloudpickle"],
    }
    shell.do("%%aml -e trees\nimport numpy, cloudpickle")
    assert isinstance(shell.raised, Invalid)
    assert "numpy" in shell.raised.message
    assert not service.jobs
    shell.do("import json\nimport numpy as np")
    shell.do("%%aml -e trees\nnp.zeros(3)")
    assert isinstance(shell.raised, Invalid)
    shell.do("%%aml -e trees --no-out\nimport cloudpickle, json\nprint(json.dumps(1))")
    assert shell.raised is None
    (*_, last) = service.jobs.values()
    assert last.spec["environment"] == "trees"
    assert last.spec["python"] == sys.executable
