"""What verbs show beside their result."""

from __future__ import annotations

import pytest

from jupyter_aml.kernel.surface import NotebookSurface
from tests.kernel.conftest import RecordingShell


def test_a_note_in_a_notebook_does_not_look_like_a_failure(
    shell: RecordingShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.kernel = object()
    NotebookSurface(shell).note("Starting <blue> …")
    [(kind, bundle, _, _)] = shell.shown
    assert kind == "display"
    assert bundle["text/plain"] == "Starting <blue> …"
    assert "Starting &lt;blue&gt; …" in bundle["text/html"]
    assert capsys.readouterr() == ("", "")


def test_a_note_of_a_script_leaves_its_output_alone(
    shell: RecordingShell, capsys: pytest.CaptureFixture[str]
) -> None:
    NotebookSurface(shell).note("Starting …")
    assert not shell.shown
    assert capsys.readouterr() == ("", "Starting …\n")
