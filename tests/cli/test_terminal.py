"""A terminal of a person: questions, colours, width."""

from __future__ import annotations

import io
import os
import sys

import pytest

from jupyter_aml.cli.output import print_result
from jupyter_aml.cli.terminal import Terminal
from jupyter_aml.grammar import Column, Result, Table
from jupyter_aml.model.errors import Invalid


class Screen(io.StringIO):
    """A text stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def on_screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """Make standard output and error a terminal. In the test itself: pytest sets them before it."""
    shown = Screen()
    monkeypatch.setattr(sys, "stdout", shown)
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return shown


@pytest.mark.parametrize(
    ("answer", "goes_on"),
    [("y\n", True), ("Yes\n", True), ("n\n", False), ("\n", False), ("", False)],
)
def test_only_a_yes_is_a_yes(monkeypatch: pytest.MonkeyPatch, answer: str, goes_on: bool) -> None:
    screen = on_screen(monkeypatch)
    monkeypatch.setattr(sys, "stdin", Screen(answer))
    assert Terminal("jupyter aml").confirm("Delete c1?", loses="2 jobs end.") is goes_on
    assert screen.getvalue() == "2 jobs end.\nDelete c1? [y/N] "


def test_nobody_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    terminal = Terminal("jupyter aml")
    assert terminal.confirm("Delete c1?", loses="")
    with pytest.raises(Invalid, match=r"Delete c1\? 2 jobs end\."):
        terminal.confirm("Delete c1?", loses="2 jobs end.")


def test_a_closed_standard_input_is_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert Terminal("jupyter aml").confirm("Delete c1?", loses="")


RESULT = Result(
    parts=[
        Table(
            title="Jobs",
            columns=[Column(title="State", state=True), Column(title="Why", flexible=True)],
            rows=[["Running 40%", "x" * 200], ["Failed", "short"]],
        )
    ]
)


def test_a_table_fits_the_screen_and_colours_states(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_screen(monkeypatch)
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((40, 20)))
    print_result(RESULT, "table")
    text = screen.getvalue()
    assert "\x1b[32mRunning 40%\x1b[0m" in text
    assert "\x1b[31mFailed\x1b[0m" in text
    assert "x…" in text


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colours_can_be_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    screen = on_screen(monkeypatch)
    monkeypatch.setenv(name, value)
    print_result(RESULT, "table")
    assert "\x1b" not in screen.getvalue()


def test_an_old_terminal_gets_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Screen, "encoding", "ascii")
    screen = on_screen(monkeypatch)
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((40, 20)))
    print_result(RESULT, "table")
    assert screen.getvalue().isascii()
    assert "..." in screen.getvalue()
