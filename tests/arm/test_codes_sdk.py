"""The stock SDK: code. It is sent once, and becomes a snapshot that a job runs from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "src"
    (made / "pkg").mkdir(parents=True)
    (made / "main.py").write_text("print('hello')\n")
    (made / "pkg" / "part.py").write_text("x = 1\n")
    return made


def create(ml_client: Any, folder: Path, name: str) -> Any:
    from azure.ai.ml.entities._assets._artifacts.code import Code

    operations = ml_client._code
    return operations.create_or_update(Code(name=name, version="1", path=str(folder)))


def test_a_folder_is_sent_once(ml_client: Any, live: Any, folder: Path, tmp_path: Path) -> None:
    made = create(ml_client, folder, "sdk-code-1")
    assert (made.name, made.version) == ("sdk-code-1", "1")
    uploads = live.home / "arm" / "uploads"
    assert list(uploads.iterdir()) == []
    asked = len(ml_client.exchanges.paths())
    again = create(ml_client, folder, "sdk-code-2")
    assert again.id == made.id
    calls = [line.split()[0] for line in ml_client.exchanges.paths()[asked:]]
    assert calls == ["GET", "GET"]
    ml_client._code.download("sdk-code-1", "1", str(tmp_path / "back"))
    assert (tmp_path / "back" / "main.py").read_text() == "print('hello')\n"
    assert (tmp_path / "back" / "pkg" / "part.py").read_text() == "x = 1\n"


def test_other_code_is_another_snapshot(ml_client: Any, live: Any, folder: Path) -> None:
    first = create(ml_client, folder, "sdk-code-3")
    (folder / "main.py").write_text("print('other')\n")
    second = create(ml_client, folder, "sdk-code-4")
    assert first.path != second.path
    snapshot = second.path.rstrip("/").rpartition("snapshot-")[2]
    kept = live.home / "snapshots" / snapshot
    assert (kept / "main.py").read_text() == "print('other')\n"


def test_a_single_file_is_a_folder_with_it(ml_client: Any, live: Any, folder: Path) -> None:
    (folder / "main.py").write_text("print('alone')\n")
    made = create(ml_client, folder / "main.py", "sdk-code-5")
    snapshot = made.path.rstrip("/").rpartition("snapshot-")[2]
    kept = live.home / "snapshots" / snapshot
    assert [path.name for path in kept.iterdir()] == ["main.py"]


def test_a_code_that_was_not_sent_is_refused(ml_client: Any) -> None:
    from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

    with pytest.raises(ResourceNotFoundError):
        ml_client._code.get("sdk-nothing", "1")
    for uri in ("https://example.org/a/b", "https://127.0.0.1:1/local.blob.core.windows.net/x/y"):
        body = {"properties": {"codeUri": uri}}
        with pytest.raises(HttpResponseError) as raised:
            ml_client._code._version_operation.create_or_update(
                ml_client.resource_group_name, ml_client.workspace_name, "sdk-wrong", "1", body
            )
        assert raised.value.status_code == 400
