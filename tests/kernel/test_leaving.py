"""■, or the interrupt that comes before a kernel's end."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from jupyter_aml.kernel import leaving


def shell_that_hears_of_its_end(monkeypatch: pytest.MonkeyPatch, *, after: int) -> SimpleNamespace:
    """At the turn `after` of its other thread; each turn takes a second, as on a busy machine."""
    shell = SimpleNamespace(kernel=object(), exit_now=False, turns=0)

    def sleep(_: float) -> None:
        shell.turns += 1
        shell.exit_now = shell.turns >= after

    clock = SimpleNamespace(sleep=sleep, monotonic=lambda: float(shell.turns))
    monkeypatch.setattr(leaving, "time", clock)
    return shell


def test_a_kernel_that_hardly_gets_to_run_hears_of_its_end_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert leaving.is_leaving(shell_that_hears_of_its_end(monkeypatch, after=10))


def test_an_interrupt_that_nothing_follows_is_that_of_a_person(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shell = shell_that_hears_of_its_end(monkeypatch, after=1000)
    assert not leaving.is_leaving(shell)
    assert shell.turns < 100


def test_where_there_is_no_kernel_nobody_asks_it_to_end() -> None:
    assert not leaving.is_leaving(SimpleNamespace(kernel=None))
