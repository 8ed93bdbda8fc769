"""The end of the service's log, as the front end asks for it while no service runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from jupyter_aml.server import servicelog


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(servicelog, "home", lambda: str(tmp_path))
    return tmp_path


async def test_it_says_what_and_where(home: Path, jp_fetch: Any) -> None:
    (home / "service.log").write_text("one\ntwo\n", "utf-8")
    answer = await jp_fetch("jupyter-aml", "log")
    assert json.loads(answer.body) == {"path": str(home / "service.log"), "text": "one\ntwo\n"}


async def test_no_service_has_written_one_yet(home: Path, jp_fetch: Any) -> None:
    answer = await jp_fetch("jupyter-aml", "log")
    assert json.loads(answer.body)["text"] == ""


@pytest.mark.usefixtures("home")
async def test_it_needs_a_token(jp_fetch: Any) -> None:
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("jupyter-aml", "log", headers={"Authorization": "no"})
    assert caught.value.code == 403


def test_a_long_log_begins_with_a_whole_line(tmp_path: Path) -> None:
    path = tmp_path / "service.log"
    path.write_text("".join(f"line {number}\n" for number in range(1000)), "utf-8")
    text = servicelog.tail(path, limit=100)
    assert text.endswith("line 999\n")
    assert len(text) <= 100
    assert text.startswith("line ")
