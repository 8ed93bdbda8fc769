"""Numbers and moments as a person reads them."""

from __future__ import annotations

import pytest

from jupyter_aml.grammar import phrases


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-3, "0 ms"),
        (0.0174, "17 ms"),
        (2.44, "2.4 s"),
        (9.99, "10 s"),
        (12.3, "12 s"),
        (119, "119 s"),
        (180, "3 min"),
        (3900, "1 h 05 min"),
        (180_000, "2 d 2 h"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert phrases.duration(seconds) == text


@pytest.mark.parametrize(
    ("dollars", "text"),
    [(None, ""), (0, "$0.00"), (0.192, "$0.19"), (0.0048, "$0.0048"), (1234.5, "$1,234.50")],
)
def test_money(dollars: float | None, text: str) -> None:
    assert phrases.money(dollars) == text
    assert phrases.money(0.00001) == "under $0.0001"


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (1536, "1.5 KB"), (5 << 20, "5.0 MB"), (1 << 30, "1.0 GB"), (2 << 40, "2.0 TB")],
)
def test_sizes(count: int, text: str) -> None:
    assert phrases.size(count) == text


def test_plurals() -> None:
    assert phrases.plural(1, "job") == "1 job"
    assert phrases.plural(2, "job") == "2 jobs"
    assert phrases.plural(0, "entry") == "0 entries"


def test_moments() -> None:
    assert phrases.ago("2023-11-14T22:13:10Z", 1_700_000_000) == "10 s ago"
    assert phrases.ago("2023-11-14T23:13:10+01:00", 1_700_000_000) == "10 s ago"
    assert phrases.ago(None, 0) == phrases.ago("", 0) == phrases.ago("soon", 0) == ""
    assert phrases.local_time("soon") == ""
    assert len(phrases.local_time("2023-11-14T22:13:10Z")) == 19
