"""Who may call: with our token, from this machine, and nobody else."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from jupyter_aml.service.arm.identity import answer as identity
from jupyter_aml.service.arm.message import Body, Request
from jupyter_aml.service.arm.route import Route
from jupyter_aml.service.arm.scope import Scope
from jupyter_aml.service.arm.table import all_routes
from jupyter_aml.service.arm.tokens import LIFETIME_SECONDS, MACHINE_LEARNING, STORAGE
from jupyter_aml.testing.clock import FakeClock
from tests.arm.caller import HOST, WS, Caller

COMPUTES = WS + "/computes"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def timed(arm: Caller, clock: FakeClock) -> Caller:
    """The API, with a clock that a test moves."""
    arm.clock = arm.context.clock = clock
    return arm


async def test_a_token_lets_in(arm: Caller) -> None:
    assert (await arm("GET", COMPUTES)).status == 200
    for_other_audience = arm.authorization(MACHINE_LEARNING)
    assert (await arm("GET", COMPUTES, headers=for_other_audience)).status == 200


OPEN = {"discovery", "job_view"}
"""Asked without a proof, and answered the same to everybody: nothing of what there is."""


@pytest.mark.parametrize("route", all_routes(), ids=lambda route: route.operation)
async def test_no_route_answers_without_a_proof(arm: Caller, route: Route) -> None:
    path = route.path.replace("*", "").replace("{", "").replace("}", "")

    found = await arm(route.method, path, headers={})

    if route.guard == "arm":
        assert found.status == 401
        assert found.json["error"]["code"] == "InvalidAuthenticationToken"
    elif route.operation in OPEN:
        assert found.body == (await arm(route.method, path, headers=arm.authorization())).body
    else:
        assert found.status in (401, 403, 404)


async def test_who_may_not_call_is_not_told_what_there_is(arm: Caller) -> None:
    assert (await arm("GET", "/none/such", headers={})).status == 401


async def test_an_expired_token_is_refused(timed: Caller, clock: FakeClock) -> None:
    old = timed.authorization()
    clock.jump(LIFETIME_SECONDS + 1)

    found = await timed("GET", COMPUTES, headers=old)

    assert found.status == 401
    assert "expired" in found.json["error"]["message"]
    assert "Bearer" in found.headers["www-authenticate"]


async def test_a_token_of_the_future_is_refused(timed: Caller, clock: FakeClock) -> None:
    early = timed.authorization()
    clock.jump(-3600)

    assert (await timed("GET", COMPUTES, headers=early)).status == 401


def _forged(arm: Caller, key: bytes, **changes: Any) -> str:
    token, _ = arm.context.tokens.issue("https://management.azure.com", arm.clock.time())
    head, claims, _ = token.split(".")
    changed = {**json.loads(_decode(claims)), **changes}
    head = changes.pop("head", head)
    signed = f"{head}.{_encode(json.dumps(changed).encode())}"
    return f"{signed}.{_encode(hmac.new(key, signed.encode(), hashlib.sha256).digest())}"


def _another_signature(token: str) -> str:
    """Its first letter: of the last one not every bit counts."""
    signed, _, signature = token.rpartition(".")
    return f"{signed}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"


async def test_a_forged_token_is_refused(arm: Caller) -> None:
    good = arm.authorization()["Authorization"]
    unsigned = _encode(json.dumps({"alg": "none", "typ": "JWT"}).encode())
    bad = [
        _forged(arm, b"another key"),
        _another_signature(good.removeprefix("Bearer ")),
        f"{unsigned}.{good.split('.')[1]}.",
        "",
        "not a token",
        "..",
        "ä.ö.ü",
    ]
    for token in bad:
        headers = {"Authorization": f"Bearer {token}"}
        assert (await arm("GET", COMPUTES, headers=headers)).status == 401, token
    assert (await arm("GET", COMPUTES, headers={"Authorization": "Basic eDp5"})).status == 401


async def test_a_token_for_something_else_is_refused(arm: Caller) -> None:
    key = arm.context.key("tokens")
    for changes in (
        {"aud": "https://vault.azure.net"},
        {"tid": "another"},
        {"iss": "https://sts.windows.net/another/"},
        {"exp": "soon"},
    ):
        headers = {"Authorization": f"Bearer {_forged(arm, key, **changes)}"}
        assert (await arm("GET", COMPUTES, headers=headers)).status == 401, changes
    assert (await arm("GET", COMPUTES, headers=arm.authorization(STORAGE))).status == 401


async def test_another_home_does_not_take_our_token(arm: Caller, tmp_path: Any) -> None:
    other = Caller(tmp_path, arm.facets, secret=b"o" * 32)

    assert (await other("GET", COMPUTES, headers=arm.authorization())).status == 401


async def test_web_pages_are_refused(arm: Caller) -> None:
    token = arm.authorization()
    page = {**token, "Origin": "https://evil.example"}
    rebound = {**token, "Host": "evil.example"}

    assert (await arm("GET", COMPUTES, headers=page)).status == 403
    assert (await arm("GET", COMPUTES, headers=rebound)).status == 403


# -- where tokens come from -------------------------------------------------------------------


def _asked(arm: Caller, resource: str, secret: str | None = None, **headers: str) -> Request:
    given = {"Host": HOST, "X-IDENTITY-HEADER": secret or arm.context.identity_secret, **headers}
    return Request(
        "GET", "/msi/token", {"resource": resource}, list(given.items()), _nothing(), Scope()
    )


async def test_the_endpoint_gives_tokens_that_this_api_takes(arm: Caller) -> None:
    hosts = frozenset({HOST})
    for resource in ("https://management.azure.com", "https://ml.azure.com/"):
        response = await identity(_asked(arm, resource), arm.context, hosts)
        assert isinstance(response.body, bytes)
        said = json.loads(response.body)

        assert said["token_type"] == "Bearer"
        assert int(said["expires_on"]) > arm.clock.time()
        headers = {"Authorization": f"Bearer {said['access_token']}"}
        assert (await arm("GET", COMPUTES, headers=headers)).status == 200
        claims = json.loads(_decode(said["access_token"].split(".")[1]))
        assert claims["aud"] == resource.rstrip("/")


@pytest.mark.parametrize(
    ("resource", "headers"),
    [
        ("https://vault.azure.net", {}),
        ("https://graph.microsoft.com", {}),
        ("", {}),
        ("https://management.azure.com", {"X-IDENTITY-HEADER": "wrong"}),
        ("https://management.azure.com", {"X-IDENTITY-HEADER": "ä"}),
        ("https://management.azure.com", {"Origin": "https://evil.example"}),
        ("https://management.azure.com", {"Host": "evil.example"}),
    ],
)
async def test_the_endpoint_gives_nothing_else_and_to_nobody_else(
    arm: Caller, resource: str, headers: dict[str, str]
) -> None:
    from jupyter_aml.model.errors import AmlError

    with pytest.raises(AmlError) as raised:
        await identity(_asked(arm, resource, **headers), arm.context, frozenset({HOST}))
    assert raised.value.http_status in (400, 401, 403)


def _nothing() -> Body:
    async def parts() -> Any:
        for part in ():
            yield part

    return Body(parts())


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
