"""Where an MLflow model without code runs: its own packages, unless an interpreter has them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_aml.model.environment import KERNEL
from jupyter_aml.model.registry import Model
from jupyter_aml.service.environments import pythons
from jupyter_aml.service.environments.codeless import Codeless
from jupyter_aml.service.environments.satisfied import Installed
from tests.service.environments.test_catalogue import Home

MINOR = ".".join(pythons.own().text.split(".")[:2])
MLMODEL = "mlflow_version: 2.9.2\nflavors:\n  python_function:\n    python_version: {}.1\n"
HAS = {"mlflow": "2.9.2", "numpy": "1.26.4", "pandas": "2.2.0", "scikit-learn": "1.3.0"}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path)
    yield made
    made.store.close()


def model(folder: Path, *requirements: str, python: str = MINOR, version: str = "1") -> Model:
    where = folder / "line" / version
    where.mkdir(parents=True)
    (where / "MLmodel").write_text(MLMODEL.format(python))
    (where / "requirements.txt").write_text("\n".join(requirements))
    return Model(
        name="line",
        version=version,
        type="mlflow_model",
        path="",
        local_path=str(where),
        content="",
        bytes=0,
        files=1,
    )


def interpreters(folder: Path, **packages: dict[str, str]) -> dict[str, Installed]:
    """Files that are there, and what each would say that it has."""
    found: dict[str, Installed] = {}
    for name, has in packages.items():
        (folder / name).touch()
        found[str(folder / name)] = Installed(pythons.own().version, has)
    return found


async def test_an_interpreter_that_has_everything_is_used_as_it_is(
    home: Home, tmp_path: Path
) -> None:
    there = interpreters(tmp_path, old=HAS | {"mlflow": "1.0"}, good=HAS)
    codeless = Codeless(await home.open(), there.get)
    asked = model(tmp_path, "mlflow==2.9.2", "scikit-learn==1.3.0")
    place = await codeless.place(asked, [str(tmp_path / "gone"), *there])
    assert (place.environment, place.python) == (KERNEL, str(tmp_path / "good"))
    assert "No environment was built" in place.warnings[0]
    assert not home.told


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (["mlflow==2.9.2", "scikit-learn==1.2.0"], "scikit-learn 1.3.0, not ==1.2.0"),
        (["mlflow==2.9.2", "lightgbm"], "no lightgbm"),
    ],
)
async def test_else_it_gets_an_environment_of_what_it_names_and_it_says_why(
    home: Home, tmp_path: Path, lines: list[str], why: str
) -> None:
    there = interpreters(tmp_path, python=HAS)
    catalogue = await home.open()
    place = await Codeless(catalogue, there.get).place(model(tmp_path, *lines), list(there))
    record = catalogue.find(place.environment).record
    assert record is not None
    assert home.builds.get(record.content).requirements == [*lines, "numpy", "pandas"]
    assert record.archived  # in no list: nobody named it
    assert place.python == ""
    assert why in place.warnings[0]


async def test_the_same_packages_are_the_same_environment(home: Home, tmp_path: Path) -> None:
    codeless = Codeless(await home.open(), lambda python: None)
    first = await codeless.place(model(tmp_path, "mlflow==2.9.2", "lightgbm==4.0"), [])
    again = model(tmp_path, "lightgbm==4.0", "mlflow==2.9.2", version="2")
    assert (await codeless.place(again, [])).environment == first.environment
    other = model(tmp_path, "lightgbm==4.1", "mlflow==2.9.2", version="3")
    assert (await codeless.place(other, [])).environment != first.environment


async def test_what_our_scoring_needs_is_added_where_the_model_does_not_name_it(
    home: Home, tmp_path: Path
) -> None:
    catalogue = await home.open()
    asked = model(tmp_path, "numpy==1.26.4")
    place = await Codeless(catalogue, lambda python: None).place(asked, [], ["more"])
    record = catalogue.find(place.environment).record
    assert record is not None
    wanted = home.builds.get(record.content).requirements
    assert wanted == ["numpy==1.26.4", "mlflow==2.9.2", "pandas", "more"]


async def test_a_python_that_is_not_here_is_told(home: Home, tmp_path: Path) -> None:
    there = interpreters(tmp_path, python=HAS)
    asked = model(tmp_path, "mlflow==2.9.2", python="3.7")
    place = await Codeless(await home.open(), there.get).place(asked, list(there))
    assert f"has Python {MINOR}, not 3.7" in place.warnings[0]
    assert "Python 3.7 is not installed here" in place.warnings[1]
