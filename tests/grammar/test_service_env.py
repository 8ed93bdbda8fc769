"""``service env`` and ``doctor azure``: in a terminal, and in a notebook."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from jupyter_aml.grammar import Result
from jupyter_aml.model.errors import Invalid
from tests.grammar.fake_surface import FakeSurface

Typed = Callable[[str], Result]


def test_in_a_terminal_it_prints_lines_and_nothing_else(typed: Typed, surface: FakeSurface) -> None:
    surface.prefix = "jupyter aml"

    result = typed("service env")

    assert "".join(surface.out) == "export IDENTITY_HEADER='it'\\''s'\nunset AZURE_CLIENT_ID\n"
    assert str(result) == ""
    assert result.document == {"set": {"IDENTITY_HEADER": "it's"}, "unset": ["AZURE_CLIENT_ID"]}
    assert surface.machine.applied is False


def test_another_shell(typed: Typed, surface: FakeSurface) -> None:
    surface.prefix = "jupyter aml"
    typed("service env --shell fish")

    assert "".join(surface.out).startswith("set -gx IDENTITY_HEADER")
    with pytest.raises(Invalid):
        typed("service env --shell csh")


def test_in_a_notebook_it_sets_them_and_shows_no_secret(typed: Typed, surface: FakeSurface) -> None:
    surface.prefix = "%aml"

    result = typed("service env")

    assert surface.machine.applied is True
    assert "IDENTITY_HEADER" in str(result)
    assert "it's" not in f"{result}{result.document}{surface.out}"


def test_doctor_azure_looks_at_what_concerns_azure(typed: Typed, surface: FakeSurface) -> None:
    surface.machine.checks = [
        SimpleNamespace(name="Disk", level="fail", message="full", fix=""),
        SimpleNamespace(name="azure-ai-ml", level="ok", message="1.35.2", fix=""),
    ]

    assert "1.35.2" in str(typed("doctor azure"))
    assert "Disk" not in str(typed("doctor azure"))
    assert typed("doctor").exit_code == 1
