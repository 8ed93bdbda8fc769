"""The suite for backends covers every operation of every facet, and no test hides another."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, get_args, get_type_hints

import pytest

import jupyter_aml.testing
from jupyter_aml.service.backends import protocol
from jupyter_aml.testing.backend_suite import BackendSuite

FOLDER = Path(jupyter_aml.testing.__file__).parent

NOT_TESTED = {
    "ComputeFacet.attach": "needs a machine of somebody else: see testing.attached_suite",
    "ComputeFacet.detach": "as attach",
    "ComputeFacet.evict": "needs a low-priority node with work on it, which is up to the backend",
    "ComputeFacet.waits": "figures of earlier starts, which a new backend has none of",
    "EnvironmentsFacet.build": "a build takes a package index and minutes",
    "OnlineEndpointsFacet.token": "the same way in as a key",
    "OnlineDeploymentsFacet.rehearse": "what boots is the backend's own",
    "OnlineDeploymentsFacet.restart_instance": "needs an instance to be killed",
    "OnlineDeploymentsFacet.update": "as create, which is tested",
}
"""Operations that the suite leaves to a backend's own tests, and why."""


def facets() -> Iterator[tuple[str, type]]:
    """Attribute of a backend to the protocol of the facet."""
    for name, hint in get_type_hints(protocol.Backend).items():
        for one in get_args(hint):
            if one is not type(None):
                yield name, one


def operations(facet: type) -> list[str]:
    return [name for name, _ in inspect.getmembers(facet, callable) if not name.startswith("_")]


def named_in(module: Path) -> set[str]:
    """Every attribute and every text of a module."""
    tree = ast.parse(module.read_text())
    found = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return found | {text for text in texts if isinstance(text, str)}


@pytest.mark.parametrize(("name", "facet"), [*facets()])
def test_every_operation_of_a_facet_is_tested(name: str, facet: type) -> None:
    suites = [path for path in FOLDER.glob("*_suite.py") if facet.__name__ in path.read_text()]
    assert suites, f"no suite is about {name}"
    tested = set().union(*(named_in(path) for path in suites))
    left = [one for one in operations(facet) if one not in tested]
    assert [one for one in left if f"{facet.__name__}.{one}" not in NOT_TESTED] == []


def test_what_is_not_tested_is_still_there() -> None:
    known = {f"{facet.__name__}.{one}" for _, facet in facets() for one in operations(facet)}
    assert NOT_TESTED.keys() <= known


def test_no_test_hides_another_of_the_same_name() -> None:
    seen: dict[str, Any] = {}
    for part in BackendSuite.__bases__:
        for name in vars(part):
            if name.startswith("test_"):
                assert name not in seen, f"{part.__name__} and {seen[name].__name__}: {name}"
                seen[name] = part


def test_every_suite_is_part_of_the_whole() -> None:
    for path in FOLDER.glob("*_suite.py"):
        if path.stem in ("backend_suite", "attached_suite"):  # the latter is of kinds, not backends
            continue
        module = importlib.import_module(f"jupyter_aml.testing.{path.stem}")
        assert isinstance(module, ModuleType)
        (suite,) = [
            one
            for name, one in inspect.getmembers(module, inspect.isclass)
            if name.endswith("Suite") and one.__module__ == module.__name__
        ]
        assert issubclass(BackendSuite, suite)
