"""The claim of an attempt is made once, whatever the filesystem can do."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from jupyter_aml.runner import claim
from jupyter_aml.runner.wire import Message

ME = {"pid": os.getpid(), "created": 1.5}


def order(folder: Path) -> Message:
    return {"rank": 0, "created": 1.5, "task": {"dir": str(folder)}}


def refuse_links(*_: object) -> None:
    raise PermissionError(1, "Operation not permitted")


def test_it_is_made_once_and_says_by_whom(tmp_path: Path) -> None:
    assert not claim.is_there(str(tmp_path), 0)
    assert [claim.make(order(tmp_path)) for _ in range(2)] == [True, False]
    assert claim.is_there(str(tmp_path), 0)
    assert json.loads(os.readlink(tmp_path / "claim.0")) == ME


def test_where_no_links_can_be_made_it_is_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "symlink", refuse_links)
    assert [claim.make(order(tmp_path)) for _ in range(2)] == [True, False]
    assert claim.is_there(str(tmp_path), 0)
    assert json.loads((tmp_path / "claim.0").read_bytes()) == ME


def test_a_link_and_a_file_claim_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert claim.make(order(tmp_path))
    monkeypatch.setattr(os, "symlink", refuse_links)
    assert not claim.make(order(tmp_path))


def test_a_folder_that_is_gone_is_no_claim(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        claim.make(order(tmp_path / "gone"))
