"""What `make demo` prints where nothing can be redrawn: in a log, in CI."""

from __future__ import annotations

import pytest

from tools.demo import Terminal


@pytest.fixture
def terminal() -> Terminal:
    return Terminal()


def printed(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [line.strip() for line in capsys.readouterr().out.splitlines()]


def test_a_display_that_changes_is_printed_at_first_and_at_last(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.display("Running", updates="strip")
    terminal.stream("stdout", "one\n")
    terminal.display("a picture")
    terminal.display("Running 57%", updates="strip")
    terminal.stream("stdout", "two\n")
    terminal.display("Completed", updates="strip")
    terminal.done(1.0)
    assert printed(capsys) == ["Running", "one", "a picture", "two", "Completed", "└ 1.0 s"]


def test_what_is_shown_again_below_the_strip_is_printed_once(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.stream("stderr", "Note: this.\n")
    terminal.clear()
    terminal.display("Running", updates="strip")
    terminal.stream("stderr", "Note: this.\n")
    terminal.stream("stdout", "new\n")
    terminal.done(1.0)
    terminal.stream("stderr", "Note: this.\n")
    assert printed(capsys) == ["Note: this.", "Running", "new", "└ 1.0 s", "Note: this."]
