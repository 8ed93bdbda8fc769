"""The verbs of components that change them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jupyter_aml.grammar import Result
from jupyter_aml.model.component import CommandComponent
from jupyter_aml.model.errors import Invalid
from tests.grammar.fake_client import FakeClient

Typed = Callable[[str], Result]


@pytest.fixture(autouse=True)
def _component(client: FakeClient) -> None:
    client.components.create(CommandComponent(name="say", command="x", tags={"team": "red"}))


def test_update_changes_what_it_is_described_by(typed: Typed, client: FakeClient) -> None:
    typed("component update say:1 --description words --tag draft=yes --display-name Say")
    spec = client.components.get("say").spec
    assert (spec.description, spec.display_name) == ("words", "Say")
    assert spec.tags == {"team": "red", "draft": "yes"}


def test_update_needs_something_to_change(typed: Typed) -> None:
    with pytest.raises(Invalid, match="Nothing was said"):
        typed("component update say")


def test_one_that_is_hidden_is_in_no_list(typed: Typed) -> None:
    typed("component archive say")
    assert typed("component list").value == []
    typed("component restore say")
    assert [one.name for one in typed("component list").value] == ["say"]
