"""`service.versions`: what the catalogues of data, models, environments and components share."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.service.versions import check_version, chosen, next_version, put


@dataclass(frozen=True)
class One:
    version: str
    archived: bool = False
    word: str = ""


KNOWN = [One("1"), One("2"), One("3", archived=True)]


@pytest.mark.parametrize(("asked", "meant"), [("", "2"), ("latest", "2"), ("1", "1"), ("3", "3")])
def test_the_newest_that_is_not_archived_is_meant_unless_one_is_named(
    asked: str, meant: str
) -> None:
    assert chosen(KNOWN, asked, "It").version == meant


def test_where_all_are_archived_the_newest_is_meant() -> None:
    assert chosen([One("1", archived=True), One("2", archived=True)], "", "It").version == "2"


def test_of_many_versions_the_newest_are_named() -> None:
    with pytest.raises(NotFound) as refused:
        chosen([One(str(number)) for number in range(50)], "x", "The model digits")
    assert refused.value.message == "The model digits has no version 'x'."
    assert refused.value.hint.startswith("It has: 30, 31,")
    assert refused.value.hint.endswith(" 49.")


def test_the_next_number_passes_over_words() -> None:
    assert next_version([]) == "1"
    assert next_version(["2", "10", "draft", "²"]) == "11"


@pytest.mark.parametrize("text", ["latest", ".1", "a b", "1\n", "x" * 31])
def test_what_cannot_be_a_version_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        check_version(text)


def test_a_version_changes_in_its_place() -> None:
    known = list(KNOWN)
    put(known, One("2", word="new"))
    put(known, One("4"))
    assert [(one.version, one.word) for one in known] == [
        ("1", ""),
        ("2", "new"),
        ("3", ""),
        ("4", ""),
    ]
