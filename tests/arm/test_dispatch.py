"""What every answer has, and what becomes of errors."""

from __future__ import annotations

import logging

import pytest

from jupyter_aml.model import errors
from jupyter_aml.model.errors import AmlError
from jupyter_aml.service.arm.errors import error_response
from tests.arm.caller import WS, Caller

COMPUTES = WS + "/computes"


async def test_every_answer_has_the_headers_of_arm(arm: Caller) -> None:
    asked = {**arm.authorization(), "x-ms-client-request-id": "mine"}

    for method, path in (("GET", COMPUTES), ("GET", COMPUTES + "/none"), ("PUT", "/nowhere")):
        found = await arm(method, path, headers=asked)
        assert found.headers["x-ms-request-id"]
        assert found.headers["x-ms-correlation-request-id"]
        assert found.headers["x-ms-client-request-id"] == "mine"
        kind = "reads" if method == "GET" else "writes"
        assert int(found.headers[f"x-ms-ratelimit-remaining-subscription-{kind}"]) > 0


async def test_a_header_that_was_sent_cannot_become_another(arm: Caller) -> None:
    from jupyter_aml.service.arm.connection import _clean

    assert _clean("a\r\nSet-Cookie: x") == "aSet-Cookie: x"


async def test_an_operation_that_is_not_served_is_named(arm: Caller) -> None:
    found = await arm("GET", WS + "/featuresets/x/versions/1")

    assert found.status == 404
    error = found.json["error"]
    assert error["code"] == "UnknownOperation"
    assert "FeaturesetVersions_Get" in error["message"]
    assert "azure-compatibility" in error["message"]


async def test_what_no_specification_knows_is_named_by_its_path(arm: Caller) -> None:
    found = await arm("POST", "/subscriptions/s/resourcegroups/g/nothing")

    assert found.status == 404
    assert "POST /subscriptions/s/resourcegroups/g/nothing" in found.json["error"]["message"]


@pytest.mark.parametrize(
    ("body", "target", "said"),
    [
        (b"{", "$", "not JSON"),
        (b"\xff", "$", "not JSON"),
        (b"[]", "$", "Expected `object`"),
        (b"{}", "$", "properties"),
        (b'{"properties": {"computeType": 7}}', "$.properties.computeType", "Expected `str`"),
        (
            b'{"properties": {"computeType": "AmlCompute", "properties":'
            b' {"scaleSettings": {"maxNodeCount": "many"}}}}',
            "$.properties.properties.scaleSettings.maxNodeCount",
            "Expected `int`",
        ),
        (
            b'{"properties": {"computeType": "AmlCompute", "properties":'
            b' {"scaleSettings": {"maxNodeCount": 1, "nodeIdleTimeBeforeScaleDown": "soon"}}}}',
            "$.properties.properties.scaleSettings.nodeIdleTimeBeforeScaleDown",
            "no ISO 8601 duration",
        ),
        (
            b'{"properties": {"computeType": "ComputeInstance", "properties":'
            b' {"idleTimeBeforeShutdown": "PT1M"}}}',
            "$.properties.properties.idleTimeBeforeShutdown",
            "15 minutes",
        ),
    ],
)
async def test_a_wrong_body_is_refused_with_the_path_of_what_is_wrong(
    arm: Caller, body: bytes, target: str, said: str
) -> None:
    found = await arm("PUT", COMPUTES + "/name1", body)

    assert found.status == 400
    error = found.json["error"]
    assert error["code"] == "BadRequest"
    assert error["target"] == target
    assert said in error["message"]


async def test_a_wrong_query_is_refused(arm: Caller) -> None:
    for query in ("$top=many", "$skip=-1", "%24top=1e3"):
        found = await arm("GET", f"{COMPUTES}?{query}")
        assert found.status == 400, query


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.NotFound("x"), 404, "ResourceNotFound"),
        (errors.Invalid("x"), 400, "BadRequest"),
        (errors.CannotTravel("x"), 400, "BadRequest"),
        (errors.Conflict("x"), 409, "Conflict"),
        (errors.QuotaExceeded("x"), 400, "QuotaExceeded"),
        (errors.BudgetReached("x"), 400, "BudgetReached"),
        (errors.Busy("x"), 429, "TooManyRequests"),
        (errors.Unavailable("x"), 503, "ServiceUnavailable"),
        (errors.StorageFull("x"), 507, "StorageFull"),
    ],
    ids=lambda one: one.__class__.__name__ if isinstance(one, AmlError) else "",
)
def test_our_errors_in_arms_words(error: AmlError, status: int, code: str) -> None:
    response = error_response(error)

    assert response.status == status
    assert code.encode() in bytes(response.body)  # type: ignore[arg-type]  # bytes, of an error
    assert (("Retry-After", "1") in response.headers) == (status in (429, 503))


async def test_what_to_do_is_in_the_message_which_is_all_that_the_sdk_shows(arm: Caller) -> None:
    found = await arm("GET", COMPUTES + "/none")

    assert "There are:" in found.json["error"]["message"]


async def test_a_defect_is_logged_and_told_by_its_number(
    arm: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        async def list(self) -> None:
            raise RuntimeError("a secret detail")

    arm.facets["compute"] = Broken()
    with caplog.at_level(logging.ERROR):
        found = await arm("GET", COMPUTES)

    assert found.status == 500
    assert "secret" not in found.body.decode()
    number = found.json["error"]["details"][0]["message"]
    assert number in caplog.text
