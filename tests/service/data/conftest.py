"""Datastores and data assets of one home, as a backend puts them together, without its jobs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_aml.model.data import Data, Datastore
from jupyter_aml.model.errors import NotFound
from jupyter_aml.service.content import ContentStore
from jupyter_aml.service.data.catalogue import Catalogue
from jupyter_aml.service.data.facet import DataFacet, DatastoresFacet
from jupyter_aml.service.data.locator import Locator
from jupyter_aml.service.data.places import Datastores
from jupyter_aml.service.store.db import Store
from jupyter_aml.testing.clock import FakeClock


class Home:
    """`outputs` stands for what jobs left: (job, output) to a path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "home"
        self.folder.mkdir()
        self.store = Store.open(self.folder / "state.db")
        self.clock = FakeClock()
        self.told: list[Data | Datastore | None] = []
        self.outputs: dict[tuple[str, str], Path] = {}
        self.open()

    def open(self) -> None:
        """As the next service does."""
        blob = self.folder / "datastores" / "workspaceblobstore"
        self.contents = ContentStore(blob)
        self.places = Datastores(blob, self.folder, self.store, self.clock, self._changed)
        self.catalogue = Catalogue(self.store, self.clock, self.told.append)
        self.locator = Locator(self.places, self.catalogue.get, self._output)
        self.data = DataFacet(self.catalogue, self.locator, self.contents, self.store)
        self.datastores = DatastoresFacet(self.places, self.contents)
        self.places.open()
        self.catalogue.open()

    def _changed(self, _name: str, datastore: Datastore | None) -> None:
        self.told.append(datastore)

    def _output(self, job: str, output: str) -> Path:
        if (job, output) not in self.outputs:
            raise NotFound(f"There is no job {job!r}.", hint="List them.")
        return self.outputs[job, output]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A folder with two files, one of them below another folder."""
    folder = tmp_path / "table"
    (folder / "part").mkdir(parents=True)
    (folder / "a.csv").write_text("x,y\n1,2\n")
    (folder / "part" / "b.csv").write_text("x,y\n3,4\n")
    return folder
