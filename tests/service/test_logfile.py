"""The service's log: what is taken out of it, and that it stays small."""

from __future__ import annotations

import logging
import stat
from pathlib import Path

import pytest

from jupyter_aml.service import logfile
from jupyter_aml.service.logfile import open_log, redact


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Authorization: Bearer abc.def-ghi", "Authorization: Bearer …"),
        ('{"token":"abc", "pid": 3}', '{"token":"…", "pid": 3}'),
        ("token=abc&x=1", "token=…&x=1"),
        ("AZURE_CLIENT_SECRET='abc def'", "AZURE_CLIENT_SECRET='… def'"),
        ("AccountKey=abc==;Endpoint", "AccountKey=…"),
        ("GET /v1/jobs?status=x HTTP/1.1", "GET /v1/jobs?… HTTP/1.1"),
        ("see https://a.example/b?sig=abc&se=1 now", "see https://a.example/b?… now"),
        ("job maple_river ended", "job maple_river ended"),
    ],
)
def test_secrets_are_taken_out(text: str, kept: str) -> None:
    assert redact(text) == kept


def test_the_log_is_private_redacted_and_rotated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    monkeypatch.setattr(logfile, "MAX_BYTES", 20_000)
    before = os.umask(0o077)
    root = logging.getLogger()
    level = root.level
    handler = open_log(tmp_path)
    try:
        try:
            raise ValueError("with Bearer topsecret inside")
        except ValueError:
            logging.getLogger("x").exception("failed")
        for number in range(1000):
            logging.getLogger("x").info("line %s %s", number, "x" * 60)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        handler.close()
        os.umask(before)
    files = sorted(tmp_path.iterdir())
    assert len(files) == 3
    for file in files:
        assert file.stat().st_size <= 20_000
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert "topsecret" not in file.read_text()
