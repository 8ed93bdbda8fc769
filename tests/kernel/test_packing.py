"""A value of the notebook as files: complete in itself, with what it needs, or refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.kernel.packing import PICKLE, REQUIREMENTS, pack
from jupyter_aml.model.errors import CannotTravel

LOAD = "import json, pickle, sys; print(json.dumps(pickle.load(open(sys.argv[1], 'rb'))(2)))"


def defined(source: str) -> dict[str, Any]:
    """What a cell of the notebook defines."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(source, "<cell>", "exec"), namespace)
    return namespace


def loaded(data: bytes, folder: Path) -> object:
    """What the value makes of 2, in a process that has never heard of this one."""
    (folder / PICKLE).write_bytes(data)
    ran = subprocess.run(
        [sys.executable, "-c", LOAD, str(folder / PICKLE)],
        capture_output=True,
        cwd=folder,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr.decode()
    return json.loads(ran.stdout)


def test_functions_and_classes_of_the_notebook_load_anywhere(tmp_path: Path) -> None:
    found = defined(
        "factor = 3\n"
        "def times(x):\n    return x * factor\n"
        "class Model:\n    def __call__(self, x):\n        return times(x) + 1\n"
    )
    packed = pack("model", found["Model"](), folder=str(tmp_path))
    assert loaded(packed.pickle, tmp_path) == 7
    described = packed.flavors["python_object"]
    assert described["class"] == "__main__.Model"
    assert described["callable"]


def test_modules_of_the_persons_own_go_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "my_packing_module.py").write_text("def add(x):\n    return x + 40\n")
    monkeypatch.syspath_prepend(str(own))
    module = __import__("my_packing_module")
    try:
        packed = pack("add", module.add, folder=str(own))
        assert packed.properties["own_modules"] == "my_packing_module"
        assert loaded(packed.pickle, tmp_path) == 42
        assert not any("packing" in line for line in packed.requirements)
    finally:
        del sys.modules["my_packing_module"]


def test_requirements_are_what_it_imports_pinned(tmp_path: Path) -> None:
    from importlib.metadata import version

    import numpy as np
    from sklearn.tree import DecisionTreeClassifier

    tree = DecisionTreeClassifier().fit([[0.0], [1.0]], [0, 1])
    found = defined("def late(x):\n    def inner():\n        import yaml\n    return x\n")
    packed = pack("both", {"tree": tree, "late": found["late"], "a": np.ones(2)}, folder="/")
    assert packed.requirements == sorted(
        f"{name}=={version(name)}" for name in ("cloudpickle", "numpy", "pyyaml", "scikit-learn")
    )
    assert packed.flavors["sklearn"] == {"version": version("scikit-learn")}
    packed.write(tmp_path)
    assert (tmp_path / REQUIREMENTS).read_text().splitlines() == packed.requirements


def test_the_same_value_is_the_same_content() -> None:
    value = defined("def f(x):\n    return x\n")["f"]
    assert pack("f", value, folder="/") == pack("f", value, folder="/")


def test_what_cannot_be_pickled_is_named_by_its_place(tmp_path: Path) -> None:
    model = defined("class Model:\n    pass\n")["Model"]()
    with open(os.devnull) as file:
        model.log = file
        with pytest.raises(CannotTravel) as refused:
            pack("clf", model, folder=str(tmp_path))
    assert "clf cannot be registered: clf.log is an open file" in refused.value.message
    assert "Nothing was written." in refused.value.hint
    assert refused.value.target == "clf.log"
