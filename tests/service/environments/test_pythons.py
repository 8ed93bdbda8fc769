"""The interpreter for a version, or the nearest one, which is said."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.service.environments import pythons
from jupyter_aml.service.environments.pythons import Interpreter


def python(version: str) -> Interpreter:
    major, minor, patch = map(int, version.split("."))
    return Interpreter(f"/usr/bin/python{version}", (major, minor, patch))


HERE = [python(v) for v in ("3.11.7", "3.9.18", "3.10.13", "3.12.1", "3.13.0")]


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        ("", "3.11.7"),
        ("3.11", "3.11.7"),
        ("=3.10", "3.10.13"),
        ("==3.12.*", "3.12.1"),
        ("3.12.1", "3.12.1"),
        (">=3.10", "3.11.7"),
        (">=3.12", "3.13.0"),
        (">=3.10,<3.11", "3.10.13"),
        (">3.11,!=3.13", "3.12.1"),
        ("~=3.12.0", "3.12.1"),
        ("3", "3.11.7"),
    ],
)
def test_one_that_fits_is_chosen_our_own_first(wanted: str, chosen: str) -> None:
    choice = pythons.choose(wanted, HERE, strict=True)
    assert (choice.interpreter.text, choice.warning) == (chosen, "")


@pytest.mark.parametrize(
    ("wanted", "chosen"), [("3.9", "3.10.13"), ("3.14", "3.13.0"), ("3.11.2", "3.11.7")]
)
def test_else_the_nearest_and_that_is_said(wanted: str, chosen: str) -> None:
    choice = pythons.choose(wanted, HERE)
    assert choice.interpreter.text == chosen
    assert wanted in choice.warning
    assert chosen in choice.warning


def test_strict_refuses_the_nearest() -> None:
    with pytest.raises(NotFound) as refused:
        pythons.choose("3.14", HERE, strict=True)
    assert "3.13.0" in refused.value.hint


@pytest.mark.parametrize("wanted", ["three", "3.x", ">=3.10;<4", "3.11=*_cpython"])
def test_what_is_no_version_is_refused(wanted: str) -> None:
    with pytest.raises(Invalid):
        pythons.choose(wanted, HERE)


def test_interpreters_are_found_on_the_path_and_asked_once(tmp_path: Path) -> None:
    for folder in ("one", "two", "built"):
        (tmp_path / folder).mkdir()
    (tmp_path / "one" / "python3.12").write_text("")
    (tmp_path / "one" / "python3.12-config").write_text("")
    (tmp_path / "two" / "python3").symlink_to(tmp_path / "one" / "python3.12")
    (tmp_path / "built" / "python3").write_text("")
    asked: list[str] = []

    def probe(path: str) -> Interpreter | None:
        asked.append(path)
        return python("3.12.1") if path.startswith(str(tmp_path)) else None

    search = ":".join(str(tmp_path / name) for name in ("one", "two", "built"))
    found = pythons.installed(path=search, probe=probe, leave_out=tmp_path / "built")
    assert found[0] == pythons.own()
    assert found[1:] == [python("3.12.1")]
    assert [p for p in asked if p.startswith(str(tmp_path))] == [str(tmp_path / "one/python3.12")]


def test_an_interpreter_says_what_it_is_made_of() -> None:
    assert pythons.ask(sys.executable) == pythons.own()
    assert pythons.ask("/nowhere/python3") is None
