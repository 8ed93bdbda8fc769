"""Blobs by the stock client: bytes in, bytes out, ranges, metadata, lists."""

from __future__ import annotations

import hashlib
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import (
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.storage.blob import BlobBlock

from jupyter_aml.model.data import CreateDatastore
from jupyter_aml.service.arm.blob import writing
from jupyter_aml.service.arm.blob.containers import DEFAULT
from jupyter_aml.service.arm.message import Body
from tests.arm.blob.conftest import Account, aside

MEGABYTE = 1024 * 1024


async def test_a_blob_is_a_file_of_the_datastore(storage: Account) -> None:
    client = storage.container()
    await aside(client.upload_blob, "folder/a b ü.txt", b"hello")
    assert (storage.blob_folder / "folder" / "a b ü.txt").read_bytes() == b"hello"
    download = await aside(client.download_blob, "folder/a b ü.txt")
    assert await aside(download.readall) == b"hello"
    blob = client.get_blob_client("folder/a b ü.txt")
    found = await aside(blob.get_blob_properties)
    assert (found.size, found.blob_type) == (5, "BlockBlob")
    await aside(blob.delete_blob)
    assert not await aside(blob.exists)
    assert not (storage.blob_folder / "folder").exists()


async def test_metadata_come_back_letter_by_letter(storage: Account) -> None:
    client = storage.container()
    said = {"upload_status": "completed", "name": "d", "version": "1", "UPPER_Case": "x"}
    blob = await aside(client.upload_blob, "a", b"1", metadata={"old": "1"})
    await aside(blob.set_blob_metadata, said)
    found = await aside(blob.get_blob_properties)
    assert found.metadata == said
    listed = await aside(lambda: list(client.list_blobs(include="metadata")))
    assert listed[0].metadata == said
    await aside(client.upload_blob, "a", b"2", overwrite=True)
    assert (await aside(blob.get_blob_properties)).metadata == {}


async def test_what_is_there_is_replaced_only_when_asked(storage: Account) -> None:
    client = storage.container()
    blob = await aside(client.upload_blob, "a", b"first")
    with pytest.raises(ResourceExistsError):
        await aside(client.upload_blob, "a", b"second")
    first = await aside(blob.get_blob_properties)
    await aside(client.upload_blob, "a", b"second", overwrite=True)
    second = await aside(blob.get_blob_properties)
    assert first.etag != second.etag
    with pytest.raises(ResourceModifiedError):
        await aside(blob.download_blob, etag=first.etag, match_condition=_unmodified())


def _unmodified() -> Any:
    from azure.core import MatchConditions

    return MatchConditions.IfNotModified


async def test_ranges(storage: Account) -> None:
    client = storage.container()
    await aside(client.upload_blob, "a", bytes(range(100)))
    part = await aside(client.download_blob, "a", offset=10, length=5)
    assert await aside(part.readall) == bytes(range(10, 15))
    rest = await aside(client.download_blob, "a", offset=95)
    assert await aside(rest.readall) == bytes(range(95, 100))
    with pytest.raises(HttpResponseError) as raised:
        await aside(client.download_blob, "a", offset=100, length=1)
    assert raised.value.status_code == 416


async def test_an_empty_blob(storage: Account) -> None:
    client = storage.container()
    await aside(client.upload_blob, "empty", b"")
    download = await aside(client.download_blob, "empty")
    assert await aside(download.readall) == b""


async def test_seventy_megabytes_come_in_blocks(storage: Account, tmp_path: Path) -> None:
    source = tmp_path / "large"
    block = bytes(range(256)) * 4096
    digest = hashlib.sha256()
    with source.open("wb") as stream:
        for number in range(70):
            part = number.to_bytes(4, "big") + block[4:]
            stream.write(part)
            digest.update(part)
    client = storage.container()
    with source.open("rb") as stream:
        await aside(client.upload_blob, "big/large", stream, max_concurrency=4)
    kept = storage.blob_folder / "big" / "large"
    assert kept.stat().st_size == 70 * MEGABYTE
    download = await aside(client.download_blob, "big/large", offset=65 * MEGABYTE, length=MEGABYTE)
    assert await aside(download.readall) == (65).to_bytes(4, "big") + block[4:]
    assert hashlib.sha256(kept.read_bytes()).digest() == digest.digest()
    assert [p for p in (storage.home.folder / "arm" / "blob").rglob("*") if p.is_file()] == []


async def test_a_large_body_is_never_whole_in_memory(storage: Account) -> None:
    part = bytes(64 * 1024)

    async def body() -> AsyncIterator[bytes]:
        for _ in range(30 * 16):
            yield bytes(part)

    tracemalloc.start()
    try:
        answer = await storage.call("PUT", f"{DEFAULT}/large", Body(body()))
        assert answer.status == 201
        answer = await storage.call("GET", f"{DEFAULT}/large")
        async for _ in answer.body:
            pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (storage.blob_folder / "large").stat().st_size == 30 * MEGABYTE
    assert peak < 10 * MEGABYTE


async def test_a_list_of_blocks_names_those_that_were_sent(storage: Account) -> None:
    blob = storage.container().get_blob_client("parts")
    await aside(blob.stage_block, "aa", b"one ")
    await aside(blob.stage_block, "bb", b"two")
    with pytest.raises(HttpResponseError) as raised:
        await aside(blob.commit_block_list, [BlobBlock("aa"), BlobBlock("cc")])
    assert raised.value.error_code == "InvalidBlockList"
    assert not await aside(blob.exists)
    await aside(blob.commit_block_list, [BlobBlock("bb"), BlobBlock("aa")], metadata={"k": "v"})
    assert await aside(lambda: blob.download_blob().readall()) == b"twoone "
    assert (await aside(blob.get_blob_properties)).metadata == {"k": "v"}


async def test_what_is_not_a_block_blob_is_refused(storage: Account) -> None:
    client = storage.container()
    for kind in ("AppendBlob", "PageBlob"):
        with pytest.raises(HttpResponseError):
            await aside(client.upload_blob, "a", b"x" * 512, blob_type=kind)
    assert not (storage.blob_folder / "a").exists()


async def test_a_damaged_body_is_refused(storage: Account) -> None:
    blob = storage.container().get_blob_client("a")
    wrong = {"Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="}
    with pytest.raises(HttpResponseError) as raised:
        await aside(blob.upload_blob, b"x", headers=wrong)
    assert raised.value.error_code == "Md5Mismatch"
    assert not await aside(blob.exists)


async def test_lists_by_prefix_delimiter_and_pages(storage: Account) -> None:
    client = storage.container()
    for name in ("a/1", "a/2", "a-3", "a/sub/4", "b"):
        await aside(client.upload_blob, name, b"x")
    names = await aside(lambda: [one.name for one in client.list_blobs()])
    assert names == ["a-3", "a/1", "a/2", "a/sub/4", "b"]
    below = await aside(lambda: [one.name for one in client.list_blobs(name_starts_with="a/s")])
    assert below == ["a/sub/4"]
    walked = await aside(lambda: [one.name for one in client.walk_blobs("a/", delimiter="/")])
    assert sorted(walked) == ["a/1", "a/2", "a/sub/"]
    paged = client.list_blobs(results_per_page=2).by_page()
    pages = await aside(lambda: [[one.name for one in page] for page in paged])
    assert pages == [["a-3", "a/1"], ["a/2", "a/sub/4"], ["b"]]
    assert await aside(lambda: list(client.list_blobs(name_starts_with="nothing/"))) == []


async def test_names_that_xml_has_no_signs_for(storage: Account) -> None:
    client = storage.container()
    (storage.blob_folder / "a&<b>").mkdir(parents=True)
    (storage.blob_folder / "a&<b>" / "tab\tx").write_bytes(b"1")
    names = await aside(lambda: [one.name for one in client.list_blobs()])
    assert names == ["a&<b>/tab\tx"]


async def test_containers(storage: Account, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "x.csv").write_text("1")
    await storage.home.datastores.create(
        body=CreateDatastore(
            name="Mine", path=str(folder), read_only=True, tags={"azure.container": "reports"}
        )
    )
    client = storage.container("reports")
    assert await aside(lambda: client.get_blob_client("x.csv").download_blob().readall()) == b"1"
    with pytest.raises(HttpResponseError) as raised:
        await aside(client.upload_blob, "y.csv", b"2")
    assert raised.value.status_code == 403
    assert await aside(client.exists)
    nothing = storage.container("no-such-container")
    assert not await aside(nothing.exists)
    with pytest.raises(ResourceNotFoundError):
        await aside(nothing.upload_blob, "x", b"1")
    with pytest.raises(ResourceExistsError):
        await aside(storage.container().create_container)


async def test_two_datastores_of_one_container_are_kept_apart(
    storage: Account, tmp_path: Path
) -> None:
    from jupyter_aml.service.arm.blob.containers import by_container

    for name in ("one", "two", "azureml"):
        tags = {} if name == "azureml" else {"azure.container": "same"}
        await storage.home.datastores.create(body=CreateDatastore(name=name, tags=tags))
    found = by_container((await storage.home.datastores.list()).value)
    assert found["same"].name == "one"
    assert sorted(one.name for one in found.values())[:3] == ["azureml", "one", "two"]
    assert "azureml" not in found
    second = next(container for container, one in found.items() if one.name == "two")
    await aside(storage.container(second).upload_blob, "x", b"1")
    assert (storage.home.places.find("two", "x")).read_bytes() == b"1"


async def test_what_was_never_finished_goes(storage: Account) -> None:
    blob = storage.container().get_blob_client("parts")
    await aside(blob.stage_block, "aa", b"one ")
    folder = storage.home.folder / "arm" / "blob"
    now = storage.context.clock.time()
    await writing.sweep(storage.home.folder, now - 3600)
    assert [one for one in folder.rglob("*") if one.is_file()]
    await writing.sweep(storage.home.folder, now + 3600)
    assert not [one for one in folder.rglob("*") if one.is_file()]
