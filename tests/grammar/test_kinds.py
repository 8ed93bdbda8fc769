"""Values of options, read from text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_aml.grammar.kinds import (
    ENVIRONMENT_VARIABLE,
    PAIR,
    SETTING,
    TIMEOUT,
    VARIABLES,
    Kind,
    read_duration,
    whole_minutes,
    whole_seconds,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("0", 0),
        ("1.5", 1.5),
        ("10m", 600),
        ("10min", 600),
        ("1h30m", 5400),
        ("1.5h", 5400),
        ("2d", 172_800),
        ("45s", 45),
        ("45sec", 45),
        ("PT10M", 600),
        ("pt1h30m", 5400),
        ("P1DT1S", 86_401),
        (" 10m ", 600),
    ],
)
def test_durations_of_every_form(text: str, seconds: float) -> None:
    assert read_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "ten", "-5", "10x", "PT", "P", "PT5", "1e9", "nan", "inf", "9" * 400, "99999d"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"duration|longer than"):
        read_duration(text)


@given(st.integers(0, 99), st.integers(0, 59), st.integers(0, 59))
def test_a_duration_is_the_sum_of_its_parts(hours: int, minutes: int, seconds: int) -> None:
    expected = hours * 3600 + minutes * 60 + seconds
    assert read_duration(f"{hours}h{minutes}m{seconds}s") == expected
    assert read_duration(f"PT{hours}H{minutes}M{seconds}S") == expected


def test_a_timeout_is_longer_than_nothing() -> None:
    assert TIMEOUT.read("1s") == 1
    with pytest.raises(ValueError, match="longer than nothing"):
        TIMEOUT.read("0")


def test_durations_in_whole_units() -> None:
    assert whole_seconds(0, 100).read("1m") == 60
    assert whole_minutes(0, 100).read("30") == 30
    assert whole_minutes(0, 100).read("90s") == 2
    with pytest.raises(ValueError, match="between 0 and 100"):
        whole_seconds(0, 100).read("2m")


def test_whole_numbers() -> None:
    count = Kind.integer("COUNT", 1, 5)
    assert count.read("3") == 3
    for text in ("0", "6", "-1", "1.0", "", "three", "٣", "1_0", "9" * 5000):
        with pytest.raises(ValueError, match=r"whole number|between"):
            count.read(text)


def test_pairs_keep_what_follows_the_first_equal_sign() -> None:
    assert PAIR.read("a=b=c") == ("a", "b=c")
    assert PAIR.read("a=") == ("a", "")
    for text in ("a", "=b", ""):
        with pytest.raises(ValueError, match="key=value"):
            PAIR.read(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.b=1", ("a.b", 1)),
        ("a=true", ("a", True)),
        ("a=null", ("a", None)),
        ('a="1"', ("a", "1")),
        ("a=0.1", ("a", 0.1)),
        ("a=text with = sign", ("a", "text with = sign")),
        ("a=NaN", ("a", "NaN")),
        ("a=007", ("a", "007")),
        ('a={"b": [1]}', ("a", {"b": [1]})),
        ("a=", ("a", "")),
    ],
)
def test_settings_are_json_where_they_can_be(text: str, expected: object) -> None:
    assert SETTING.read(text) == expected


def test_variables_are_names_of_python() -> None:
    assert VARIABLES.read("a, b,c,") == ["a", "b", "c"]
    for text in ("", ",", "a b", "1a", "a.b"):
        with pytest.raises(ValueError, match="variable"):
            VARIABLES.read(text)


def test_environment_variables_have_a_value_or_the_kernels() -> None:
    assert ENVIRONMENT_VARIABLE.read("HOME") == ("HOME", None)
    assert ENVIRONMENT_VARIABLE.read("A=") == ("A", "")
    with pytest.raises(ValueError, match="environment variable"):
        ENVIRONMENT_VARIABLE.read("A-B=1")
