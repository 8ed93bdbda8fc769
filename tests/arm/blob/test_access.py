"""Who may: every credential that the SDK uses is let in, and each that is not right is refused."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.storage.blob import (
    BlobSasPermissions,
    ContainerSasPermissions,
    generate_blob_sas,
    generate_container_sas,
)

from jupyter_aml.service.arm.blob import account
from jupyter_aml.service.arm.blob.containers import DEFAULT
from jupyter_aml.service.arm.tokens import STORAGE, Tokens
from tests.arm.blob.conftest import Account, aside


class Token:
    """A credential that has one token."""

    def __init__(self, token: str) -> None:
        self._token = token

    def get_token(self, *_scopes: str, **_more: Any) -> AccessToken:
        return AccessToken(self._token, 4_000_000_000)


async def refused(storage: Account, credential: Any, blob: str = "a") -> int:
    """The status with which reading is refused."""
    client = storage.container(credential=credential).get_blob_client(blob)
    with pytest.raises(HttpResponseError) as raised:
        await aside(client.download_blob)
    assert raised.value.status_code
    return raised.value.status_code


@pytest.fixture
async def filled(storage: Account) -> Account:
    await aside(storage.container().upload_blob, "a", b"1")
    await aside(storage.container().upload_blob, "folder/b", b"2")
    return storage


async def test_a_sas_signed_by_the_client_itself_is_let_in(filled: Account) -> None:
    key = account.key_text(filled.context)
    later = datetime.now(timezone.utc) + timedelta(minutes=30)
    for spelt in account.spellings(filled.context):
        token = generate_blob_sas(
            spelt,
            DEFAULT,
            "folder/b",
            account_key=key,
            permission=BlobSasPermissions(read=True),
            expiry=later,
        )
        client = filled.container(credential=token).get_blob_client("folder/b")
        assert await aside(lambda c=client: c.download_blob().readall()) == b"2"
    token = generate_container_sas(
        account.ACCOUNT,
        DEFAULT,
        account_key=key,
        expiry=later,
        ip="127.0.0.0-127.0.0.9",
        permission=ContainerSasPermissions(read=True, list=True),
        protocol="https",
    )
    client = filled.container(credential=token)
    assert len(await aside(lambda: list(client.list_blobs()))) == 2


async def test_a_sas_grants_what_it_says_and_no_more(filled: Account) -> None:
    reader = filled.container(credential=filled.sas("r"))
    assert await aside(lambda: reader.get_blob_client("a").download_blob().readall()) == b"1"
    for forbidden in (
        lambda: list(reader.list_blobs()),
        lambda: reader.upload_blob("new", b"x"),
        lambda: reader.get_blob_client("a").set_blob_metadata({"a": "b"}),
        lambda: reader.delete_blob("a"),
    ):
        with pytest.raises(HttpResponseError) as raised:
            await aside(forbidden)
        assert raised.value.status_code == 403
    creator = filled.container(credential=filled.sas("c"))
    await aside(creator.upload_blob, "new", b"x")
    with pytest.raises(HttpResponseError):
        await aside(creator.upload_blob, "a", b"x", overwrite=True)
    one = filled.container(credential=filled.sas("rwdl", blob="a"))
    assert await aside(lambda: one.get_blob_client("a").download_blob().readall()) == b"1"
    with pytest.raises(HttpResponseError):
        await aside(lambda: list(one.list_blobs()))


async def test_a_sas_that_is_not_right_is_refused(filled: Account) -> None:
    good = filled.sas("r")
    later = datetime.now(timezone.utc) + timedelta(minutes=30)
    past = datetime.now(timezone.utc) - timedelta(minutes=1)
    key = account.key_text(filled.context)
    other = base64.b64encode(b"k" * 64).decode()
    permission = ContainerSasPermissions(read=True)

    def made(**more: Any) -> str:
        given = {"account_key": key, "permission": permission, "expiry": later, **more}
        return generate_container_sas(account.ACCOUNT, DEFAULT, **given)

    wrong = [
        good.replace("sp=r", "sp=rw"),
        good.replace("sig=", "sig=A"),
        filled.sas("r", seconds=-1),
        filled.sas("r", container="azureml"),
        filled.sas("r", blob="folder/b"),
        made(account_key=other),
        made(expiry=past),
        made(start=later),
        made(ip="10.0.0.1"),
        made(policy_id="policy"),
        generate_container_sas("another", DEFAULT, key, permission=permission, expiry=later),
    ]
    for token in wrong:
        assert await refused(filled, token) == 403, token


async def test_only_our_key_signs_requests(filled: Account) -> None:
    assert await refused(filled, base64.b64encode(b"k" * 64).decode()) == 403
    named = {"account_name": "another", "account_key": account.key_text(filled.context)}
    assert await refused(filled, named) == 403


async def test_a_signed_request_cannot_be_used_for_another_or_later(filled: Account) -> None:
    seen: list[Any] = []
    client = filled.container()
    await aside(client.get_blob_client("a").exists, raw_response_hook=seen.append)
    sent = seen[0].http_request
    headers = {k: v for k, v in sent.headers.items() if k != "Host"}
    later = {**headers, "x-ms-date": "Sun, 01 Nov 2020 00:00:00 GMT"}
    for method, name, given in (
        ("HEAD", "folder/b", headers),
        ("DELETE", "a", headers),
        ("HEAD", "a", later),
    ):
        response = await aside(_send, filled, method, f"{DEFAULT}/{name}", given)
        assert response == 403
    assert await aside(_send, filled, "HEAD", f"{DEFAULT}/a", headers) == 200


def _send(storage: Account, method: str, path: str, headers: dict[str, str]) -> int:
    import http.client
    import ssl

    tls = ssl.create_default_context(cafile=str(storage.home.folder / "arm" / "ca.pem"))
    host = storage.context.base.removeprefix("https://")
    connection = http.client.HTTPSConnection(host, context=tls, timeout=30)
    try:
        connection.request(method, f"/{account.HOST}/{path}", headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


async def test_our_tokens_are_let_in_and_no_others(filled: Account) -> None:
    now = filled.context.clock.time()
    tokens = filled.context.tokens
    good, _ = tokens.issue(STORAGE, now)
    client = filled.container(credential=Token(good))
    assert await aside(lambda: client.get_blob_client("a").download_blob().readall()) == b"1"
    forged, _ = Tokens(b"k" * 32).issue(STORAGE, now)
    expired, _ = tokens.issue(STORAGE, now - 7200)
    other, _ = tokens.issue("https://graph.microsoft.com", now)
    for token in (forged, expired, other, "not.a.token"):
        with pytest.raises(ClientAuthenticationError):
            await aside(
                filled.container(credential=Token(token)).get_blob_client("a").download_blob
            )


async def test_nobody_else_is_let_in(filled: Account) -> None:
    for path in ("", "/a", "?restype=container&comp=list"):
        assert await aside(_send, filled, "GET", f"{DEFAULT}{path}", {}) == 401
    assert await aside(_send, filled, "PUT", f"{DEFAULT}/a", {"x-ms-blob-type": "BlockBlob"}) == 401
    assert (
        await aside(_send, filled, "GET", f"{DEFAULT}/a", {"Authorization": "SharedKey x"}) == 403
    )
