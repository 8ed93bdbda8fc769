"""Finding the operation of a request."""

from __future__ import annotations

import re

import pytest

from jupyter_aml.model.errors import Invalid
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.message import Request, Response
from jupyter_aml.service.arm.operations import Specification, load
from jupyter_aml.service.arm.route import Route, Table
from jupyter_aml.service.arm.table import all_routes, make_table


async def _handler(_request: Request, _context: Context) -> Response:
    return Response()


def table(*paths: str) -> Table:
    return Table(Route(path, "GET", path, _handler) for path in paths)


def test_words_are_matched_without_case_and_names_keep_theirs() -> None:
    found = table("/workspaces/{name}/computes").find("GET", "/WorkSpaces/MyName/COMPUTES")

    assert found is not None
    assert found[1] == {"name": "MyName"}


def test_a_word_comes_before_a_field_whatever_the_order() -> None:
    made = table("/a/{name}", "/a/known")

    found = [made.find("GET", path) for path in ("/a/known", "/a/other")]

    assert [one[0].path for one in found if one] == ["/a/known", "/a/{name}"]


def test_the_rest_takes_slashes_and_is_decoded() -> None:
    found = table("/c/{container}/{blob*}").find("GET", "/c/data/a%20b/c%2Fd.txt")

    assert found is not None
    assert found[1] == {"container": "data", "blob": "a b/c/d.txt"}


@pytest.mark.parametrize("path", ["/a", "/a/", "/a//", "/b/x", "/a/x/y"])
def test_what_does_not_fit_is_not_found(path: str) -> None:
    assert table("/a/{name}").find("GET", path) is None
    assert table("/a/{name}").find("PUT", "/a/x") is None


def test_a_name_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(Invalid):
        table("/a/{name}").find("GET", "/a/%ff")


def test_two_routes_that_cannot_be_told_apart_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="same path"):
        table("/a/{name}", "/A/{other}")


# -- the table as it is ---------------------------------------------------------------------


def test_a_route_that_the_specification_knows_has_its_method_and_path() -> None:
    known = {one.id: (one.method, _anonymous(one.path)) for one in load()}
    wrong = [
        route.operation
        for route in all_routes()
        if known.get(route.operation, (route.method, _anonymous(route.path)))
        != (route.method, _anonymous(route.path))
    ]
    assert wrong == []


def test_a_route_beside_the_specification_has_a_small_name_of_ours() -> None:
    known = {one.id for one in load()}
    others = [route.operation for route in all_routes() if route.operation not in known]

    assert [name for name in others if name != name.lower()] == []


def test_every_operation_id_is_there_once() -> None:
    names = [route.operation for route in make_table().routes]

    assert len(names) == len(set(names))


def test_the_specification_names_what_is_not_served() -> None:
    path = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices"

    found = Specification.load().find("GET", f"{path}/registries/r")

    assert found == "Registries_Get"


def _anonymous(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path).lower()
