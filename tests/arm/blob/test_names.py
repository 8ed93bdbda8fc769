"""No name of a blob leads out of its container, however it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_aml.model.data import CreateData
from jupyter_aml.service.arm.blob import names
from jupyter_aml.service.arm.blob.containers import DEFAULT
from jupyter_aml.service.arm.blob.refusal import Refusal
from tests.arm.blob.conftest import Account

TRICKS = [
    "..",
    "../secret",
    "a/../../secret",
    "%2e%2e/secret",
    "%2E%2E%2Fsecret",
    "a/..%2f..%2fsecret",
    "/etc/passwd",
    "%2Fetc%2Fpasswd",
    "a//b",
    "./a",
    "a/./b",
    "a%00b",
    "a%5Cb",
    "..%5C..%5Csecret",
    "C%3A/x",
    "a%0Ab",
    "%FF",
    "n" * 2000,
    "n" * 256,
    "%C3%BC" * 128,
    ".files/ab/cd",
    "LocalUpload/.unfinished-1/x",
    "LocalUpload/.removed-1/x",
]


@pytest.mark.parametrize("name", TRICKS)
async def test_a_trick_is_refused_however_it_is_asked(storage: Account, name: str) -> None:
    secret = storage.home.folder / "secret"
    secret.write_text("secret")
    for method, query in (
        ("GET", ""),
        ("HEAD", ""),
        ("PUT", ""),
        ("PUT", "?comp=block&blockid=YQ=="),
        ("PUT", "?comp=blocklist"),
        ("PUT", "?comp=metadata"),
        ("DELETE", ""),
    ):
        answer = await storage.call(method, f"{DEFAULT}/{name}{query}")
        assert answer.status in (400, 404), (method, query)
    assert secret.read_text() == "secret"
    assert not storage.blob_folder.exists() or not list(storage.blob_folder.rglob("*"))


@pytest.mark.parametrize("name", ["..", "../local", "A-B", "a", "-ab", "a--b", "x" * 64, "%2e%2e"])
async def test_what_is_no_container_is_not_there(storage: Account, name: str) -> None:
    answer = await storage.call("GET", f"{name}/blob")
    assert answer.status in (400, 404)
    answer = await storage.call("GET", f"{name}?restype=container&comp=list")
    assert answer.status in (400, 404)


async def test_links_that_lead_out_are_no_blobs(storage: Account, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    folder = storage.blob_folder
    (folder / "in").mkdir(parents=True)
    (folder / "in" / "own").write_text("1")
    (folder / "out").symlink_to(outside)
    (folder / "file").symlink_to(outside / "secret")
    (folder / "round").symlink_to(folder / "round")
    (folder / "inner").symlink_to(folder / "in" / "own")
    for name in ("out/secret", "file", "round", "round/x"):
        for method in ("GET", "DELETE"):
            assert (await storage.call(method, f"{DEFAULT}/{name}")).status in (400, 404)
        assert (await storage.call("PUT", f"{DEFAULT}/{name}")).status in (400, 404, 409)
    assert (await storage.call("GET", f"{DEFAULT}/inner")).status == 200
    listed = await storage.call("GET", f"{DEFAULT}?restype=container&comp=list")
    assert isinstance(listed.body, bytes)
    assert b"secret" not in listed.body
    assert b"<Name>file</Name>" not in listed.body
    assert b"in/own" in listed.body
    assert (outside / "secret").read_text() == "secret"


async def test_what_assets_hold_is_not_written(storage: Account, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1")
    made = await storage.home.data.create(body=CreateData(name="d", path=str(tmp_path / "a.csv")))
    path = made.path.partition("/paths/")[2]
    assert (await storage.call("GET", f"{DEFAULT}/{path}")).status == 200
    for method in ("PUT", "DELETE"):
        assert (await storage.call(method, f"{DEFAULT}/{path}")).status == 403
    assert Path(made.local_path).read_text() == "1"


def test_plain_names_are_taken() -> None:
    for name in ("a", "a b/ü.txt", "..a", "a..", "folder/", ".hidden", "x" * 255):
        assert names.blob(name) == name
    with pytest.raises(Refusal):
        names.container("")
