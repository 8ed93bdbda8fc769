"""Tokens say whose they are, and nobody else can say so."""

from __future__ import annotations

import base64
import json

import pytest

from jupyter_aml.service.mlflow.token import Bearer, read, sign

SECRET = bytes(range(32))
BEARER = Bearer(job="maple_river_1", attempt=2, experiment="Größe", title="ä")


def test_what_was_signed_is_read() -> None:
    assert read(sign(BEARER, SECRET), SECRET) == BEARER


@pytest.mark.parametrize("text", ["", ".", "a.b", "ä.b", "x" * 10_000])
def test_what_was_not_signed_is_not(text: str) -> None:
    assert read(text, SECRET) is None


def test_another_secret_another_job_or_half_of_it_is_not() -> None:
    token = sign(BEARER, SECRET)
    assert read(token, bytes(32)) is None
    assert read(token[:-1], SECRET) is None
    forged = {"job": "other", "attempt": 1, "experiment": ""}
    text = base64.urlsafe_b64encode(json.dumps(forged).encode()).rstrip(b"=").decode()
    assert read(f"{text}.{token.partition('.')[2]}", SECRET) is None
