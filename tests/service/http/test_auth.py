"""Nobody gets in without the token: not on any route, not with any verb."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_aml.model.api import ROUTES
from jupyter_aml.service.http.auth import Gate
from tests.service.http.wire import TOKEN, Client, Stack, path_of

VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND")
KNOWN = {path_of(route) for route in ROUTES}
UNKNOWN = ["/", "/v1", "/v2/jobs", "/v1/no/such/thing", "/metrics", "*", "/v1/jobs/../service"]
PATHS = [*sorted(KNOWN), *UNKNOWN]

TRESPASSES: list[tuple[str, dict[str, Any], int]] = [
    ("no token", {"leave_out": ("Authorization",)}, 401),
    ("empty token", {"headers": {"Authorization": "Bearer "}}, 401),
    ("wrong token", {"headers": {"Authorization": "Bearer the-tokeN"}}, 401),
    ("longer token", {"headers": {"Authorization": f"Bearer {TOKEN}x"}}, 401),
    ("shorter token", {"headers": {"Authorization": f"Bearer {TOKEN[:-1]}"}}, 401),
    ("another scheme", {"headers": {"Authorization": f"Basic {TOKEN}"}}, 401),
    ("no scheme", {"headers": {"Authorization": TOKEN}}, 401),
    ("two tokens", {"headers": {"authorization": f"Bearer {TOKEN}"}}, 401),
    ("no host", {"leave_out": ("Host",)}, 403),
    ("another host", {"headers": {"Host": "evil.example:80"}}, 403),
    ("localhost by name", {"headers": {"Host": "localhost"}}, 403),
    ("two hosts", {"headers": {"host": "evil.example"}}, 403),
    ("an origin", {"headers": {"Origin": "http://evil.example"}}, 403),
    ("the own origin", {"headers": {"Origin": "http://127.0.0.1"}}, 403),
    ("a null origin", {"headers": {"Origin": "null"}}, 403),
    ("an empty origin", {"headers": {"Origin": ""}}, 403),
]


@pytest.mark.parametrize(
    ("given", "status"),
    [(given, status) for _, given, status in TRESPASSES],
    ids=[name for name, _, _ in TRESPASSES],
)
@pytest.mark.parametrize("verb", VERBS)
async def test_every_route_and_verb_is_closed(
    stack: Stack, verb: str, given: dict[str, Any], status: int
) -> None:
    stack.facets.update(dict.fromkeys(_facets(), Tripwire()))
    client = await stack.client()
    for path in PATHS:
        answer = await client.call(verb, path, **given)
        assert answer.status == status, path
        if verb != "HEAD":
            assert answer.code == ("Unauthorized" if status == 401 else "Forbidden")
            assert TOKEN not in answer.body.decode()
        if status == 401:
            assert answer.headers["www-authenticate"] == "Bearer"


def _facets() -> set[str]:
    return {route.facet for route in ROUTES}


class Tripwire:
    """A facet that nobody may reach."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} was reached")


async def test_a_token_in_the_url_is_no_token(client: Client) -> None:
    answer = await client.call("GET", f"/v1/jobs?token={TOKEN}", leave_out=("Authorization",))
    assert answer.status == 401


async def test_a_refused_body_is_not_kept(stack: Stack, client: Client) -> None:
    body = b"x" * 3_000_000
    answer = await client.call("POST", "/v1/jobs", body, leave_out=("Authorization",))
    assert answer.status == 401
    assert (await client.call("GET", "/v1/jobs")).status == 200, "the connection goes on"


@pytest.mark.parametrize("verb", VERBS)
async def test_with_the_token_unknown_routes_and_verbs_are_not_found(
    client: Client, verb: str
) -> None:
    for path in ("/", "/v1", "/v2/jobs", "/v1/no/such/thing", "/v1/jobs/"):
        answer = await client.call(verb, path)
        assert answer.status == 404, path
        if verb != "HEAD":
            assert answer.code == "NotFound"


def test_the_whole_token_is_compared() -> None:
    gate = Gate("é-token", "127.0.0.1:1")
    host = [b"127.0.0.1:1"]
    assert gate.refusal(authorization=["Bearer é-token".encode()], host=host, origin=[]) is None
    assert gate.refusal(authorization=[b"Bearer \xff"], host=host, origin=[]) is not None
