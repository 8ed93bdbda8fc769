"""The API through Jupyter Server: who may, what is forwarded, what comes back."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from jupyter_server.auth.authorizer import Authorizer
from tornado.httpclient import HTTPClientError

from jupyter_aml.model.errors import Invalid
from jupyter_aml.server.proxy import passed_on, target_of
from tests.server.fake_service import TOKEN, FakeService

VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")
pytestmark = pytest.mark.usefixtures("link")


class Denying(Authorizer):
    """Allows what ``allowed`` says."""

    allowed: frozenset[tuple[str, str]] = frozenset()

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return (action, resource) in self.allowed


def body_for(verb: str) -> dict[str, Any]:
    return {"method": verb, "allow_nonstandard_methods": True} | (
        {} if verb == "GET" else {"body": b"{}"}
    )


async def refused(fetching: Any) -> tuple[int, dict[str, Any]]:
    with pytest.raises(HTTPClientError) as caught:
        await fetching
    assert caught.value.response is not None
    return caught.value.code, json.loads(caught.value.response.body)["error"]


@pytest.mark.parametrize("verb", VERBS)
async def test_without_a_token_no_verb_passes(
    jp_fetch: Any, service: FakeService, verb: str
) -> None:
    answer = await jp_fetch(
        "jupyter-aml",
        "api",
        "v1",
        "echo",
        headers={"Authorization": "no"},
        raise_error=False,
        **body_for(verb),
    )
    assert answer.code == 403
    # Jupyter's own shape: JupyterLab then asks for a sign-in.
    assert json.loads(answer.body).keys() >= {"message", "reason"}
    assert not service.heard


@pytest.mark.parametrize("verb", VERBS)
async def test_a_denying_authorizer_stops_every_verb(
    jp_serverapp: Any, jp_fetch: Any, service: FakeService, verb: str
) -> None:
    jp_serverapp.web_app.settings["authorizer"] = Denying()
    status, error = await refused(jp_fetch("jupyter-aml", "api", "v1", "echo", **body_for(verb)))
    assert (status, error["code"]) == (403, "Forbidden")
    assert not service.heard


@pytest.mark.parametrize("verb", VERBS)
async def test_reading_is_one_right_and_writing_another(
    jp_serverapp: Any, jp_fetch: Any, service: FakeService, verb: str
) -> None:
    authorizer = Denying()
    jp_serverapp.web_app.settings["authorizer"] = authorizer
    # Both verbs in one run: a handler that remembered the first verb's action would mix them up.
    for asked in ("GET", verb):
        action = "read" if asked == "GET" else "write"
        other = "write" if asked == "GET" else "read"
        authorizer.allowed = frozenset({(action, "jupyter_aml")})
        answer = await jp_fetch("jupyter-aml", "api", "v1", "echo", **body_for(asked))
        assert answer.code == 200
        authorizer.allowed = frozenset({(other, "jupyter_aml")})
        status, _ = await refused(jp_fetch("jupyter-aml", "api", "v1", "echo", **body_for(asked)))
        assert status == 403


@pytest.mark.parametrize("verb", VERBS[1:])
async def test_a_cookie_alone_needs_the_xsrf_token(
    signed_in: dict[str, str], jp_fetch: Any, service: FakeService, verb: str
) -> None:
    headers = dict(signed_in)
    status, error = await refused(
        jp_fetch("jupyter-aml", "api", "v1", "echo", headers=dict(headers), **body_for(verb))
    )
    assert status == 403
    assert "_xsrf" in error["message"]
    assert not service.heard
    headers["X-XSRFToken"] = headers["Cookie"].partition("_xsrf=")[2].partition(";")[0]
    answer = await jp_fetch("jupyter-aml", "api", "v1", "echo", headers=headers, **body_for(verb))
    assert answer.code == 200


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\x00\xff\xfe not UTF-8 \r\n\r\n",
        b'{"a": 1.0, "b": "\\u00e9"}  ',
        bytes(range(256)) * 4096,
    ],
)
@pytest.mark.parametrize("verb", VERBS[1:])
async def test_bodies_pass_byte_for_byte(
    jp_fetch: Any, service: FakeService, verb: str, payload: bytes
) -> None:
    answer = await jp_fetch(
        "jupyter-aml",
        "api",
        "v1",
        "echo",
        method=verb,
        body=payload,
        headers={"Content-Type": "application/x-odd"},
        allow_nonstandard_methods=True,
    )
    assert service.heard[-1].method == verb
    assert service.heard[-1].body == payload
    assert answer.body == payload
    assert answer.headers["Content-Type"] == "application/x-odd"
    assert answer.headers["X-Odd"] == "caf\xe9"


async def test_a_large_answer_arrives_whole(jp_fetch: Any, service: FakeService) -> None:
    service.payload = bytes(range(251)) * 100_000
    answer = await jp_fetch("jupyter-aml", "api", "v1", "bytes")
    assert answer.body == service.payload
    assert answer.headers["Content-Length"] == str(len(service.payload))


async def test_path_and_query_are_not_decoded(
    jp_serverapp: Any, http_server_client: Any, jp_base_url: str, service: FakeService
) -> None:
    token = jp_serverapp.identity_provider.token
    odd = f"echo/a%20b%2Fc%25?x=%2F&y=a+b&z&token={token}&path=%F0%9F%90%8D"
    await http_server_client.fetch(f"{jp_base_url}jupyter-aml/api/v1/{odd}")
    assert service.heard[-1].target == "/v1/echo/a%20b%2Fc%25?x=%2F&y=a+b&z&path=%F0%9F%90%8D"


async def test_credentials_stay_on_their_own_side(jp_fetch: Any, service: FakeService) -> None:
    answer = await jp_fetch(
        "jupyter-aml",
        "api",
        "v1",
        "echo",
        headers={"Cookie": "a=b", "X-XSRFToken": "x", "Origin": ""},
    )
    heard = service.heard[-1].headers
    assert heard["Authorization"] == f"Bearer {TOKEN}"
    assert heard.keys().isdisjoint({"Cookie", "X-Xsrftoken", "Origin"})
    assert "stolen" not in str(answer.headers.get_list("Set-Cookie"))
    assert TOKEN not in str(list(answer.headers.get_all())) + answer.body.decode()


async def test_what_a_job_wrote_cannot_act_as_a_page(jp_fetch: Any) -> None:
    answer = await jp_fetch("jupyter-aml", "api", "v1", "bytes")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_the_first_bytes_come_before_the_end(jp_fetch: Any, service: FakeService) -> None:
    first = asyncio.get_running_loop().create_future()
    chunks: list[bytes] = []

    def receive(chunk: bytes) -> None:
        chunks.append(chunk)
        if not first.done():
            first.set_result(chunk)

    fetching = asyncio.ensure_future(
        jp_fetch("jupyter-aml", "api", "v1", "slow", streaming_callback=receive)
    )
    assert await asyncio.wait_for(first, 60) == b'{"seq":1}\n'
    assert not fetching.done()
    service.go_on.set()
    answer = await fetching
    assert b"".join(chunks) == b'{"seq":1}\n{"seq":2}\n'
    assert answer.headers["X-Accel-Buffering"] == "no"


async def test_an_answer_that_breaks_off_does_not_look_whole(jp_fetch: Any) -> None:
    with pytest.raises((HTTPClientError, OSError)) as caught:
        await jp_fetch("jupyter-aml", "api", "v1", "cut")
    assert getattr(caught.value, "code", 599) == 599  # the connection was closed


async def test_errors_of_the_service_pass_as_they_are(jp_fetch: Any) -> None:
    status, error = await refused(jp_fetch("jupyter-aml", "api", "v1", "missing"))
    assert status == 404
    assert error == {"code": "NotFound", "message": "NotFound says the service.", "hint": "x"}


async def test_redirects_are_not_followed(jp_fetch: Any, service: FakeService) -> None:
    answer = await jp_fetch(
        "jupyter-aml", "api", "v1", "moved", follow_redirects=False, raise_error=False
    )
    assert answer.code == 302
    assert [heard.target for heard in service.heard] == ["/v1/moved"]
    assert "Location" not in answer.headers


async def test_reading_is_no_activity_and_writing_is(
    jp_serverapp: Any, jp_fetch: Any, service: FakeService
) -> None:
    settings = jp_serverapp.web_app.settings
    settings.pop("api_last_activity", None)
    await jp_fetch("jupyter-aml", "api", "v1", "echo")
    assert "api_last_activity" not in settings
    await jp_fetch("jupyter-aml", "api", "v1", "echo", method="POST", body=b"{}")
    assert "api_last_activity" in settings


async def test_other_addresses_do_not_exist(jp_fetch: Any, service: FakeService) -> None:
    for path in ("api", "api/v2/jobs", "api/v1", "nothing"):
        answer = await jp_fetch("jupyter-aml", *path.split("/"), raise_error=False)
        assert answer.code == 404, path
    assert not service.heard


async def test_the_base_url_may_hold_a_space(jp_base_url: str, jp_fetch: Any) -> None:
    assert "%20" in jp_base_url
    assert (await jp_fetch("jupyter-aml", "api", "v1", "echo")).code == 200


class TestTargets:
    @pytest.mark.parametrize(
        ("path", "query", "target"),
        [
            ("/jupyter-aml/api/v1/jobs", "", "/v1/jobs"),
            ("/user/a%20b/jupyter-aml/api/v1/jobs", "a=1", "/v1/jobs?a=1"),
            ("/jupyter-aml/api/v1/x", "token=t&a=1&no_track_activity=1", "/v1/x?a=1"),
            ("/jupyter-aml/api/v1/x", "token=t", "/v1/x"),
            ("/jupyter-aml/api/v1/x", "mytoken=t&tokens", "/v1/x?mytoken=t&tokens"),
        ],
    )
    def test_the_rest_of_the_address_is_kept(self, path: str, query: str, target: str) -> None:
        assert target_of(path, query) == target

    @pytest.mark.parametrize("odd", ["a b", "a\r\nX: y", "a\x00", "a\t"])
    def test_nothing_ends_a_request_line_early(self, odd: str) -> None:
        with pytest.raises(Invalid):
            target_of(f"/jupyter-aml/api/v1/{odd}", "")
        with pytest.raises(Invalid):
            target_of("/jupyter-aml/api/v1/x", odd)


def test_headers_named_by_connection_are_dropped() -> None:
    headers = [("Connection", "close, X-Private"), ("X-Private", "1"), ("ETag", "e")]
    assert passed_on(headers) == [("ETag", "e")]
