"""What front ends tell of a cell, each its own way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.kernel.place import Place, SaidOnce, place_of
from jupyter_aml.model.errors import Invalid
from tests.kernel.conftest import RecordingShell

VSCODE = "vscode-notebook-cell:/home/me/a.ipynb#W0sZmlsZQ%3D%3D"


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("a1b2-c3_d4", "a1b2-c3_d4"),
        (VSCODE, ""),
        ("", ""),
        (None, ""),
        (7, ""),
        ("x" * 65, ""),
        ("../../etc", ""),
    ],
)
def test_a_cell_id_is_one_of_nbformats_or_none(shell: RecordingShell, told: Any, kept: str) -> None:
    shell.request = {"metadata": {"cellId": told}}
    assert place_of(shell).cell_id == kept


@pytest.mark.parametrize("request_", [{}, {"metadata": None}, {"metadata": []}, None])
def test_a_request_that_says_nothing_is_fine(shell: RecordingShell, request_: Any) -> None:
    shell.request = request_
    assert place_of(shell).cell_id == ""


def test_the_notebooks_path_from_wherever_it_is_told(
    shell: RecordingShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    assert place_of(shell).notebook == ""
    shell.user_ns["__vsc_ipynb_file__"] = "/vs/code.ipynb"
    assert place_of(shell).notebook == "/vs/code.ipynb"
    monkeypatch.setenv("JPY_SESSION_NAME", "/lab/a.ipynb")
    assert place_of(shell).notebook == "/lab/a.ipynb"
    shell.request = {"metadata": {"jupyter_aml": {"notebook": "told.ipynb"}}}
    assert place_of(shell).notebook == "told.ipynb"


def test_it_is_said_once_that_reattachment_cannot_work(shell: RecordingShell) -> None:
    shell.kernel = object()
    said = SaidOnce()
    assert said.notice(shell, Place(cell_id="known")) == ""
    assert "%aml job stream" in said.notice(shell, Place())
    assert said.notice(shell, Place()) == ""


def test_a_terminal_is_told_nothing(shell: RecordingShell) -> None:
    assert SaidOnce().notice(shell, Place()) == ""


def test_a_folder_that_was_deleted_is_said(
    shell: RecordingShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(Invalid, match="has been deleted"):
        place_of(shell)
    monkeypatch.chdir(tmp_path)
