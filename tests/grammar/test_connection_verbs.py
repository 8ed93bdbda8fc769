"""What a person may see and do of connections that scripts have made."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jupyter_aml.grammar import Result
from jupyter_aml.grammar.views.connection import PROOF
from jupyter_aml.model.connection import AuthType
from jupyter_aml.model.errors import NotFound
from tests.grammar.fake_client import FakeClient

Typed = Callable[[str], Result]


def test_each_is_listed_with_what_proves_it(typed: Typed) -> None:
    [table] = typed("connection list").parts
    assert [row[3] for row in table.rows] == ["API key", "nothing"]  # type: ignore[union-attr]


def test_one_is_shown(typed: Typed) -> None:
    [record] = typed("connection show search").parts
    assert ("ApiVersion", "2024") in record.fields  # type: ignore[union-attr]


def test_one_is_deleted_once(typed: Typed, client: FakeClient) -> None:
    typed("connection delete search --yes")
    assert list(client.connections.all) == ["wheels"]
    with pytest.raises(NotFound):
        typed("connection delete search --yes")


def test_every_kind_of_credentials_has_words() -> None:
    from typing import get_args

    assert set(PROOF) == set(get_args(AuthType))
