"""``model package``: the folder that is written, and the proof that it works."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import cloudpickle
import pytest
import yaml

from jupyter_aml.client.package import clean, edge, making, onnx_export, proof
from jupyter_aml.client.package.wish import Wish
from jupyter_aml.model.errors import Conflict, EnvironmentFailed, Invalid, JobFailed, NotFound
from jupyter_aml.model.package import ModelPackage
from jupyter_aml.model.registry import Model

SAMPLE = '{"data": [[1, 2], [3, 4.5]]}'


def model(folder: Path, value: object, **fields: Any) -> Model:
    """What the registry says of a Python object that was registered here."""
    files = folder / "content" / "adds"
    files.mkdir(parents=True)
    (files / "model.pkl").write_bytes(cloudpickle.dumps(value))
    for path in files.rglob("*"):
        path.chmod(0o400)
    told: dict[str, Any] = {
        "flavors": {"python_object": {"file": "model.pkl", "class": "function"}},
        "properties": {"python_version": f"3.{sys.version_info[1]}.7"},
        "python": sys.executable,
        "sample": SAMPLE,
        **fields,
    }
    return Model(
        name="Adds",
        version="3",
        type="custom_model",
        path="azureml://datastores/d/paths/adds",
        local_path=str(files),
        content="c",
        bytes=1,
        files=1,
        **told,
    )


def adds(data: list[list[float]]) -> list[float]:
    return [sum(row) for row in data]


cloudpickle.register_pickle_by_value(sys.modules[__name__])


def here(_base: str, _requirements: Path, _folder: Path) -> str:
    """Instead of a clean environment, the one that the tests run in."""
    return sys.executable


def make(wish: Wish, **how: Any) -> ModelPackage:
    return making.make(wish, lambda _line: None, **{"make_environment": here, **how})


def files(folder: Path) -> set[str]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix() for path in found}


def test_a_python_object_is_packed_and_proven(tmp_path: Path) -> None:
    output = tmp_path / "out" / "edge"
    said: list[str] = []
    wish = Wish(model(tmp_path, adds, requirements=["cloudpickle==3.1.1"]), output)
    made = making.make(wish, said.append, make_environment=here)
    assert (made.proof, made.kind, made.model) == ("proven", "callable", "Adds:3"), made
    assert made.folder == str(output)
    there = files(output)
    assert {
        "serve.py",
        "package.json",
        "README.md",
        "Dockerfile",
        ".dockerignore",
        "deployment.json",
        "requirements.txt",
        "sample.json",
        "code/score.py",
        "model/adds/model.pkl",
        "server/boot.py",
        "server/scoring/serve.py",
    } <= there
    assert not [name for name in there if "router" in name or "__pycache__" in name]
    assert (made.files, made.bytes) == (len(there), sum((output / n).stat().st_size for n in there))
    assert (output / "requirements.txt").read_text() == "cloudpickle==3.1.1\n"
    assert os.access(output / "model" / "adds" / "model.pkl", os.W_OK)
    assert f"FROM python:3.{sys.version_info[1]}-slim" in (output / "Dockerfile").read_text()
    assert made.proof_note in (output / "README.md").read_text()
    assert not made.onnx
    assert said[0] == "Copying Adds:3"
    assert [path.name for path in output.parent.iterdir()] == ["edge"]


def test_it_runs_where_nothing_of_ours_is_installed(tmp_path: Path) -> None:
    make(Wish(model(tmp_path, adds), tmp_path / "p", prove=False))
    program = "import sys; sys.modules['jupyter_aml'] = None; import runpy; sys.argv[1:] = ['-h']\n"
    ended = subprocess.run(
        [sys.executable, "-I", "-c", f"{program}runpy.run_path('serve.py', run_name='__main__')"],
        cwd=tmp_path / "p",
        capture_output=True,
        text=True,
        check=False,
    )
    assert "'-h' is not HOST:PORT" in ended.stderr  # it came as far as its own arguments
    moved = tmp_path / "elsewhere"
    (tmp_path / "p").rename(moved)
    answer = proof.ask(moved, sys.executable, SAMPLE)
    assert (answer.status, answer.value) == (200, [3, 7.5])


def test_another_answer_in_the_clean_environment_is_no_proof(tmp_path: Path) -> None:
    def differs(_data: object) -> int:
        return os.getpid()

    made = make(Wish(model(tmp_path, differs), tmp_path / "p"))
    assert made.proof == "failed"
    assert [line.partition(":")[0] for line in made.details] == ["there", "here"]
    assert "otherwise than here" in (tmp_path / "p" / "README.md").read_text()


def test_a_model_that_fails_there_is_told_with_its_own_line(tmp_path: Path) -> None:
    def needs(_data: object) -> str:
        raise KeyError("no such thing")

    made = make(Wish(model(tmp_path, needs), tmp_path / "p"))
    assert made.proof == "failed"
    assert made.proof_note.startswith("In a clean environment it answers 5")


def test_requirements_that_cannot_be_installed_are_told(tmp_path: Path) -> None:
    def refuses(*_: object) -> str:
        raise EnvironmentFailed("They cannot be installed.", details=["no matching distribution"])

    made = make(Wish(model(tmp_path, adds), tmp_path / "p"), make_environment=refuses)
    assert (made.proof, made.details) == ("failed", ["no matching distribution"])
    assert (tmp_path / "p" / "serve.py").exists()  # it is there, to be mended


def test_without_a_sample_it_is_only_booted(tmp_path: Path) -> None:
    made = make(Wish(model(tmp_path, adds, sample=""), tmp_path / "p"))
    assert made.proof == "booted"
    assert "sample.json" not in files(tmp_path / "p")
    asked = make(Wish(model(tmp_path / "2", adds, sample=""), tmp_path / "p", sample=SAMPLE))
    assert asked.proof == "proven"


def test_ones_own_script_and_its_requirements(tmp_path: Path) -> None:
    code = tmp_path / "code"
    (code / "__pycache__").mkdir(parents=True)
    (code / "part.py").write_text("FACTOR = 10\n")
    (code / "main.py").write_text(
        "import json, os, part\n"
        "def init():\n    global names\n    names = os.listdir(os.environ['AZUREML_MODEL_DIR'])\n"
        "def run(data):\n    return [names, json.loads(data) * part.FACTOR]\n"
    )
    (code / "requirements.txt").write_text("one==1\ntwo==2\n")
    kept = model(tmp_path, adds, flavors={}, requirements=["one==1"], sample="4")
    made = make(Wish(kept, tmp_path / "p", code=code, script="main.py"))
    assert made.proof == "proven", made
    assert (tmp_path / "p" / "requirements.txt").read_text() == "one==1\ntwo==2\n"
    answer = proof.ask(tmp_path / "p", sys.executable, "4")
    assert answer.value == [["adds"], 40]


def test_what_nobody_can_load_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    output = tmp_path / "p"
    with pytest.raises(Invalid) as caught:
        make(Wish(model(tmp_path, adds, flavors={}), output))
    assert "--code FOLDER" in (caught.value.hint or "")
    (tmp_path / "empty").mkdir()
    with pytest.raises(Invalid, match=r"no score\.py"):
        make(Wish(model(tmp_path / "2", adds), output, code=tmp_path / "empty"))
    kept = model(tmp_path / "3", adds)
    with pytest.raises(NotFound):
        make(Wish(_moved(kept), output))
    assert not output.exists()
    assert not list(tmp_path.glob(".p.*"))


def _moved(kept: Model) -> Model:
    Path(kept.local_path).rename(Path(kept.local_path).with_name("moved"))
    return kept


def test_what_lies_there_already_is_left_alone_unless_it_is_a_package(tmp_path: Path) -> None:
    output = tmp_path / "p"
    output.mkdir()
    (output / "mine.txt").write_text("mine")
    with pytest.raises(Conflict):
        make(Wish(model(tmp_path, adds), output))
    assert files(output) == {"mine.txt"}
    (output / "mine.txt").unlink()
    first = make(Wish(model(tmp_path / "2", adds), output, prove=False))
    assert first.proof == "skipped"
    (output / "code" / "score.py").write_text("changed")
    make(Wish(model(tmp_path / "3", adds), output, prove=False))
    assert "def init" in (output / "code" / "score.py").read_text()


def test_the_edge_manifest_is_one_of_schema_1_1() -> None:
    told = edge.deployment("adds", "adds:3", 5001)
    agent = told["modulesContent"]["$edgeAgent"]["properties.desired"]
    assert agent["schemaVersion"] == "1.1"
    assert set(agent["systemModules"]) == {"edgeAgent", "edgeHub"}
    module = agent["modules"]["adds"]
    assert module["settings"]["image"] == "REGISTRY/adds:3"
    options = json.loads(module["settings"]["createOptions"])
    assert options["HostConfig"]["PortBindings"] == {"5001/tcp": [{"HostPort": "5001"}]}
    assert told["modulesContent"]["$edgeHub"]["properties.desired"]["schemaVersion"] == "1.1"
    assert yaml.safe_load(json.dumps(told)) == told


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ([1, 2.0], [1.0, 2], True),
        (1.0, 1.0 + 1e-9, True),
        (1.0, 1.001, False),
        ({"a": [1]}, {"a": [1]}, True),
        ({"a": 1}, {"b": 1}, False),
        ([1], [1, 1], False),
        (True, 1, False),
        ("a", "a", True),
        (None, 0, False),
        (math.inf, math.inf, True),
    ],
)
def test_answers_are_compared_as_numbers(one: object, other: object, *, is_same: bool) -> None:
    assert proof.same(one, other) is is_same


def test_a_server_that_does_not_come_up_is_told_with_its_last_words(tmp_path: Path) -> None:
    make(Wish(model(tmp_path, adds), tmp_path / "p", prove=False))
    (tmp_path / "p" / "code" / "score.py").write_text("import nothing_like_this\n")
    with pytest.raises(JobFailed) as caught:
        proof.ask(tmp_path / "p", sys.executable, SAMPLE)
    assert any("nothing_like_this" in line for line in caught.value.details)


def test_the_onnx_export_is_said_where_it_is_not_possible(tmp_path: Path) -> None:
    kept = model(tmp_path, adds)
    assert onnx_export.export(Wish(kept, tmp_path), tmp_path, "", sys.executable) == (
        False,
        "There is no ONNX export of this kind of model; scikit-learn's have one.",
    )
    flavors = {**kept.flavors, "sklearn": {}}
    sklearn = model(tmp_path / "2", adds, flavors=flavors)
    bare = tmp_path / "bare"
    clean.make(sys.executable, _empty(tmp_path), bare)
    written, note = onnx_export.export(
        Wish(sklearn, tmp_path), tmp_path, "", str(clean.interpreter(bare))
    )
    assert not written
    assert note.startswith("No ONNX export: install skl2onnx beside the model")


def _empty(folder: Path) -> Path:
    path = folder / "requirements.txt"
    path.write_text("")
    return path


def test_a_clean_environment_has_nothing_of_this_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    python = clean.make(sys.executable, _empty(tmp_path), tmp_path / "env")
    look = "import sys, importlib.util as i; print(i.find_spec('cloudpickle'), sys.version_info[1])"
    said = subprocess.run(
        [python, "-c", look],
        env=clean.environment(os.environ),
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.split() == ["None", str(sys.version_info[1])]
    bad = tmp_path / "bad.txt"
    bad.write_text("no-such-package-anywhere @ file:///nowhere/x-1-py3-none-any.whl\n")
    with pytest.raises(EnvironmentFailed) as caught:
        clean.make(sys.executable, bad, tmp_path / "env2")
    assert caught.value.details


_FAKE = """
class Made:
    def SerializeToString(self):
        return b"onnx"
def convert_sklearn(model, initial_types, options):
    assert initial_types == [("input", (None, 2))], initial_types
    if model == "strange":
        raise RuntimeError("no converter for str")
    return Made()
"""


@pytest.fixture
def with_skl2onnx(tmp_path: Path) -> dict[str, str]:
    """An environment in which a stand-in for skl2onnx can be imported."""
    package = tmp_path / "lib" / "skl2onnx"
    (package / "common").mkdir(parents=True)
    (package / "__init__.py").write_text(_FAKE)
    (package / "common" / "__init__.py").write_text("")
    (package / "common" / "data_types.py").write_text("FloatTensorType = tuple\n")
    # Our own module of a similar name must not stand in anybody's way.
    (tmp_path / "lib" / "onnxruntime.py").write_text("raise ImportError('not here')\n")
    return {**os.environ, "PYTHONPATH": str(tmp_path / "lib")}


@pytest.mark.parametrize(
    ("value", "written", "words"),
    [
        ("known", True, "It takes float32 rows of 2 columns as 'input'. It was not compared"),
        ("strange", False, "No ONNX export: no converter for str"),
    ],
)
def test_the_onnx_export_of_what_skl2onnx_knows(
    tmp_path: Path, with_skl2onnx: dict[str, str], value: str, written: bool, words: str
) -> None:
    (tmp_path / "model.pkl").write_bytes(cloudpickle.dumps(value))
    script = Path(onnx_export.__file__).with_name("onnx_script.py")
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "model.pkl"), str(tmp_path / "out.onnx")],
        input=SAMPLE,
        env=with_skl2onnx,
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    assert told["written"] is written
    assert told["note"].startswith(words)
    assert (tmp_path / "out.onnx").exists() is written
