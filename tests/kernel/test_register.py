"""`aml.register`: what reaches the service, and that nothing is left where it came from."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jupyter_aml.kernel import origins, register
from jupyter_aml.kernel.modelhandle import ModelHandle
from jupyter_aml.model.errors import CannotTravel, Invalid
from jupyter_aml.model.registry import CreateModel, Lineage, Model, UpdateModel


class Registered:
    """`client.models`: keeps what the folder held while it was there."""

    def __init__(self) -> None:
        self.bodies: list[CreateModel] = []
        self.files: dict[str, bytes] = {}
        self.model: Model | None = None

    def create(self, body: CreateModel) -> Model:
        self.bodies.append(body)
        path = Path(body.path)
        if path.is_dir():
            self.files = {one.name: one.read_bytes() for one in path.iterdir()}
        self.model = Model(
            name=body.name,
            version="1",
            type=body.type or "custom_model",
            path="",
            local_path=body.path,
            content="c",
            bytes=1,
            files=1,
            flavors=body.flavors,
        )
        return self.model

    def get(self, name: str, version: str = "") -> Model:
        assert self.model is not None
        return self.model

    def update(self, name: str, body: UpdateModel, version: str = "") -> Model:
        assert self.model is not None
        assert body.stage is not None
        self.model = msgspec.structs.replace(self.model, stage=body.stage)
        return self.model


class Client:
    def __init__(self, home: Path) -> None:
        self.home = home
        self.models = Registered()


@pytest.fixture
def client(tmp_path: Path) -> Any:
    return Client(tmp_path / "home")


def test_a_value_is_registered_and_nothing_is_left(client: Any) -> None:
    handle = register.register(
        len, "length", client=client, sample=[[1, 2]], tags={"a": "b"}, stage="Staging"
    )
    [body] = client.models.bodies
    assert (body.name, body.type, body.stage) == ("length", "custom_model", "Staging")
    assert body.sample == '{"input_data": [[1, 2]]}'
    assert body.python
    assert body.flavors["python_object"]["file"] == "model.pkl"
    assert set(client.models.files) == {"model.pkl", "requirements.txt"}
    assert Path(body.path).name == "length"  # a registered folder keeps its own name
    assert not Path(body.path).exists()
    assert (handle.name, handle.version) == ("length", "1")


def test_a_path_is_made_whole_and_a_reference_is_not(
    client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    register.register("out/model", "m", client=client, type="mlflow_model")
    register.register(Path("x"), "m", client=client)
    register.register("azureml://jobs/j/outputs/o", "m", client=client)
    register.register("runs:/j/model", "m", client=client)
    paths = [body.path for body in client.models.bodies]
    assert paths == [
        str(tmp_path / "out" / "model"),
        str(tmp_path / "x"),
        "azureml://jobs/j/outputs/o",
        "runs:/j/model",
    ]


def test_what_cannot_be_pickled_reaches_nobody(client: Any) -> None:
    with pytest.raises(CannotTravel, match="a lock of this process"):
        register.register({"lock": threading.Lock()}, "bad", client=client)
    assert client.models.bodies == []
    assert not client.home.exists()


@pytest.mark.parametrize("name", ["../up", "", "a b", "a/b"])
def test_a_name_is_checked_before_a_folder_has_it(client: Any, name: str) -> None:
    with pytest.raises(Invalid, match="cannot name a model"):
        register.register(len, name, client=client)
    assert not client.home.exists()


def test_a_sample_that_json_cannot_say_is_refused(client: Any) -> None:
    with pytest.raises(Invalid, match="cannot be written as JSON"):
        register.register(len, "m", client=client, sample=object())


def test_the_job_that_made_a_value_is_its_lineage(client: Any) -> None:
    class Made:
        pass

    value, other = Made(), Made()
    origins.note("bold_sun", [value, 3, None])
    assert origins.job_of(value) == "bold_sun"
    assert origins.job_of(other) == origins.job_of(3) == ""
    key = id(value)
    del value
    assert origins.job_of(other) == ""
    assert key not in origins._jobs


def test_a_handle_loads_what_it_names(client: Any, tmp_path: Path) -> None:
    handle = register.register([1, 2], "numbers", client=client)
    folder = tmp_path / "kept"
    folder.mkdir()
    for name, content in client.models.files.items():
        (folder / name).write_bytes(content)
    client.models.model = msgspec.structs.replace(client.models.model, local_path=str(folder))
    assert handle.load() == [1, 2]
    assert handle.update(stage="Production").stage == "Production"
    assert "numbers:1" in repr(handle)
    assert "numbers:1" in str(handle._repr_html_())
    client.models.model = msgspec.structs.replace(client.models.model, flavors={})
    with pytest.raises(Invalid, match="only its author knows"):
        handle.load()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("digits", ("digits", "")),
        ("digits:2", ("digits", "2")),
        ("azureml:digits:2", ("digits", "2")),
        ("digits@latest", ("digits", "")),
    ],
)
def test_every_way_to_name_one(text: str, key: tuple[str, str]) -> None:
    handle = ModelHandle(text)
    assert (handle.name, handle.version) == key


def test_expressions_are_read_in_the_notebook() -> None:
    assert register.evaluated("1 + 1") == 2
    with pytest.raises(Invalid, match="NameError"):
        register.evaluated("no_such_variable_here")


def test_lineage_that_was_said_stays(client: Any) -> None:
    said = Lineage(job="j", notebook="n.ipynb")
    assert register.here(said).job == "j"
    assert register.here(said).notebook == "n.ipynb"
