"""``online-deployment rehearse``: what is tried, and how the outcome reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from jupyter_aml.grammar import Result
from jupyter_aml.model.endpoint import Answer
from jupyter_aml.model.errors import ErrorBody, Invalid
from jupyter_aml.model.rehearsal import RehearseDeployment
from tests.grammar.fake_client import FakeClient
from tests.grammar.fake_surface import FakeSurface

Typed = Callable[[str], Result]


@pytest.fixture
def digits(client: FakeClient) -> FakeClient:
    client.online_endpoints.add("digits", traffic={"blue": 100})
    client.online_deployments.add("blue", environment="trees:1")
    return client


def tried(client: FakeClient) -> RehearseDeployment:
    verb, body = client.online_deployments.asked[-1]
    assert verb == "rehearse"
    return body


def becomes(client: FakeClient, **fields: Any) -> None:
    rehearsed = client.online_deployments
    rehearsed.rehearsal = msgspec.structs.replace(rehearsed.rehearsal, **fields)


def test_a_new_one_is_tried_and_nothing_is_made(typed: Typed, digits: FakeClient) -> None:
    result = typed("online-deployment rehearse green -e digits --model digits:2 --min 2")
    spec = tried(digits).deployment
    assert (spec.name, spec.model, spec.scale_settings.min_instances) == ("green", "digits:2", 2)
    assert tried(digits).request_data is None
    assert ("digits", "green") not in digits.online_deployments.all
    for said in (
        "Rehearsal of digits/green",
        "Would answer",
        "410 ms",
        "180.0 MB of the 512.0 MB of its size",
        "[0, 1]",
        "blue, which answers the same",
        "Nothing was deployed",
        "deploy digits:2 --endpoint digits --deployment green",
    ):
        assert said in str(result)
    assert result.exit_code == 0
    assert result.document["load_seconds"] == 0.41


def test_of_one_that_is_there_what_is_not_said_stays(
    typed: Typed, digits: FakeClient, surface: FakeSurface
) -> None:
    surface.watched = True
    typed("""online-deployment rehearse blue -e digits --model digits:2 -d '{"a": [1]}'""")
    spec = tried(digits).deployment
    assert (spec.model, spec.environment) == ("digits:2", "trees:1")
    assert tried(digits).request_data == {"a": [1]}
    assert any("Rehearsing digits/blue" in note for note in surface.notes)


def test_without_a_model_there_is_nothing_to_try(typed: Typed, digits: FakeClient) -> None:
    with pytest.raises(Invalid):
        typed("online-deployment rehearse green -e digits")


def test_one_that_would_fail_says_where_and_how_to_mend_it(
    typed: Typed, digits: FakeClient
) -> None:
    error = ErrorBody(
        code="UserScriptInitFailed",
        message="KeyError: 'coef'",
        target="score.py, line 7: model['coef']",
        hint="Correct it.",
        details=["Traceback", "KeyError: 'coef'"],
    )
    becomes(digits, error=error, answer=None, is_same=None, console=["loading"])
    result = typed("online-deployment rehearse green -e digits --model digits:2")
    assert result.exit_code == 1
    for said in ("Would fail: KeyError", "score.py, line 7", "Correct it.", "loading"):
        assert said in str(result)
    assert "Nothing was deployed. Do it" not in str(result)


def test_one_that_refuses_the_request_or_says_something_else_is_told_so(
    typed: Typed, digits: FakeClient
) -> None:
    refused = Answer(status=424, body=msgspec.Raw(b"null"), text="no such column")
    becomes(digits, answer=refused, is_same=None)
    result = typed("online-deployment rehearse green -e digits --model digits:2")
    assert result.exit_code == 1
    assert "refuses the request with 424" in str(result)
    assert "no such column" in str(result)
    serving = Answer(status=200, body=msgspec.Raw(b"[1]"))
    answered = Answer(status=200, body=msgspec.Raw(b"[2]"))
    becomes(digits, answer=answered, is_same=False, serving_answer=serving)
    result = typed("online-deployment rehearse green -e digits --model digits:2")
    assert "blue, which answers something else: [1]" in str(result)
    assert result.exit_code == 0


def test_a_model_without_a_sample_and_one_that_is_too_large(
    typed: Typed, digits: FakeClient
) -> None:
    becomes(digits, answer=None, request_data=None, memory_bytes=600 << 20, environment="trees:1")
    result = typed("online-deployment rehearse green -e digits --model digits:2")
    assert "Would be ended: it uses more memory" in str(result)
    assert "600.0 MB, more than the 512.0 MB of its size" in str(result)
    assert result.exit_code == 1
    becomes(digits, memory_bytes=60 << 20)
    result = typed("online-deployment rehearse green -e digits --model digits:2")
    assert "the model has no sample" in str(result)
    assert result.exit_code == 0
