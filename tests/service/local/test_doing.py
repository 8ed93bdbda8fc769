"""The words of a job's progress."""

from __future__ import annotations

import pytest

from jupyter_aml.service.backends.local.jobs.doing import words_of


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        ({"value": 7, "total": 20, "text": "epoch"}, "epoch 7 of 20"),
        ({"value": 7, "total": 20}, "7 of 20"),
        ({"value": 7.0, "total": 20.0, "text": " "}, "7 of 20"),
        (
            {"value": 1.25, "total": 9, "text": "cell 2 of 9, epoch 1 of 4"},
            "cell 2 of 9, epoch 1 of 4",
        ),
        ({"value": 35, "total": 100, "text": "loading"}, "loading"),  # the bar says it
        ({"value": 3, "total": None, "text": "reading"}, "reading"),
        ({"value": "x", "total": [], "text": 5}, "5"),
        ({}, ""),
    ],
)
def test_words(frame: dict[str, object], words: str) -> None:
    assert words_of(frame) == words


def test_a_long_text_is_cut() -> None:
    assert len(words_of({"text": "x" * 10_000})) == 80
