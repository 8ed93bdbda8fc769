"""A backend written from `docs/developer/add-a-backend.md` alone: the page's own code, run."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_aml.model.errors import NotFound
from jupyter_aml.testing.backend_suite import BackendSuite
from jupyter_aml.testing.connections_suite import ConnectionsSuite
from jupyter_aml.testing.service import ServiceProcess
from jupyter_aml.testing.sessions_suite import SessionsSuite

PAGE = Path(__file__).parents[2] / "docs" / "developer" / "add-a-backend.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
"""The backend, and its tests."""


def written() -> Any:
    found: dict[str, Any] = {}
    exec(compile(BLOCKS[0], str(PAGE), "exec"), found)
    return SimpleNamespace(**found)


class TestTheOneOfThePage(ConnectionsSuite, SessionsSuite):
    """The part that it has, and one that it lacks."""

    here = ""

    @pytest.fixture
    async def backend(self, backend_parts: dict[str, Any]) -> AsyncIterator[Any]:
        backend = written().ConnectionsOnly(**backend_parts)
        await backend.open()
        yield backend
        await backend.close(end_everything=True)


def test_the_tests_of_the_page_are_tests() -> None:
    found: dict[str, Any] = {"ConnectionsOnly": written().ConnectionsOnly}
    exec(compile(BLOCKS[1], str(PAGE), "exec"), found)
    assert issubclass(found["TestMine"], BackendSuite)
    assert callable(found["backend_parts"])


def test_the_page_names_every_part_of_the_suite() -> None:
    for part in BackendSuite.__bases__:
        assert f"`{part.__name__}`" in PAGE.read_text()


@pytest.fixture
def service(aml_home: Path, tmp_path: Path) -> Iterator[ServiceProcess]:
    (tmp_path / "shelf.py").write_text(BLOCKS[0])
    service = ServiceProcess(
        aml_home,
        "--ServiceSettings.backend=shelf:ConnectionsOnly",
        environment={"PYTHONPATH": str(tmp_path)},
    )
    service.start()
    yield service
    service.stop()
    assert not service.left_over()


def test_the_service_starts_on_it(service: ServiceProcess) -> None:
    (workspace,) = [
        one for one in service.request("GET", "/workspaces")["value"] if one["name"] == "shelf"
    ]
    assert workspace["facets"] == ["connections"]
    with pytest.raises(NotFound):
        service.request("GET", "/jobs")
