"""The extension, ``%aml`` lines and completion, in a real shell."""

from __future__ import annotations

import json
from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter

from jupyter_aml.grammar.result import Result
from jupyter_aml.kernel import extension
from jupyter_aml.kernel.notebook import Notebook
from jupyter_aml.kernel.shell import NOTEBOOK
from jupyter_aml.model.errors import Conflict, Invalid, NotFound
from tests.client.fake_service import FakeService
from tests.kernel.conftest import RecordingShell

LOCAL = {
    "spec": {"type": "local", "name": "local"},
    "state": "Running",
}


@pytest.fixture(autouse=True)
def _local(notebook: Notebook, service: FakeService) -> None:
    service.computes["local"] = LOCAL


def test_a_verb_gives_back_what_it_shows(shell: RecordingShell, service: FakeService) -> None:
    found = shell.do("%aml compute list")
    assert isinstance(found, Result)
    [shown] = [entry for entry in shell.shown if entry[0] == "result"]
    assert "local" in shown[2]["text/plain"]
    assert "<table" in shown[2]["text/html"]


def test_a_document_for_programs(shell: RecordingShell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.do("%aml compute list -o json")
    assert json.loads(capsys.readouterr().out)[0]["name"] == "local"


def test_a_variable_of_the_notebook_fills_a_word(
    shell: RecordingShell, service: FakeService
) -> None:
    shell.do("which = 'local'")
    shell.do("%aml compute show $which")
    assert shell.raised is None
    assert service.requests[-1] == "GET /v1/compute/local"


def test_braces_are_left_alone(shell: RecordingShell, service: FakeService) -> None:
    shell.do("%%aml --tag a={b}\n1")
    [job] = service.jobs.values()
    assert job.spec["tags"] == {"a": "{b}"}


@pytest.mark.parametrize(
    ("line", "kind", "words"),
    [
        ("%aml compute shwo x", Invalid, "show"),
        ("%aml compute show nobody", NotFound, "nobody"),
        ("%aml compute list --workspace other", NotFound, "no workspace 'other'"),
    ],
)
def test_a_refusal_is_shown_in_short(
    shell: RecordingShell, line: str, kind: type[Exception], words: str
) -> None:
    shell.do(line)
    assert type(shell.raised) is kind
    assert words in shell.traceback[0]
    assert "Traceback" not in "".join(shell.traceback)


def test_help(shell: RecordingShell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.do("%%aml --help\nnothing of this runs")
    assert "--detach" in capsys.readouterr().out


def test_watching_a_job_shows_its_plots(shell: RecordingShell, service: FakeService) -> None:
    def behave(job: Any) -> None:
        job.add("display_data", data={"image/png": "AA==", "text/plain": "<plot>"}, metadata={})
        job.end()

    service.behave = behave
    shell.do("%%aml --detach --name plots\n1")
    shell.shown.clear()
    shell.do("%aml job stream plots")
    assert shell.raised is None
    assert shell.shown[0][1]["image/png"] == "AA=="


def test_a_conflict_says_how_to_fix_it(shell: RecordingShell, service: FakeService) -> None:
    service.refuse = {"status": 409, "code": "Conflict", "message": "Taken.", "hint": "Another."}
    shell.do("%%aml --name taken\n1")
    assert type(shell.raised) is Conflict
    assert "Fix: Another." in shell.traceback[0]


# -- the extension ------------------------------------------------------------------------------


def test_loading_twice_is_loading_once(shell: RecordingShell) -> None:
    before = len(shell.Completer.custom_matchers)
    extension.load(shell)
    assert len(shell.Completer.custom_matchers) == before


def test_unloading_leaves_nothing(shell: RecordingShell) -> None:
    extension.unload(shell)
    assert shell.find_line_magic("aml") is None
    assert shell.find_cell_magic("aml") is None
    assert getattr(shell, NOTEBOOK) is None
    assert not any(hasattr(m, extension._MATCHER) for m in shell.Completer.custom_matchers)
    printers = shell.display_formatter.formatters["text/html"].deferred_printers
    assert ("jupyter_aml.grammar.result", "Result") not in printers


# -- completion ---------------------------------------------------------------------------------


def completions(shell: RecordingShell, text: str) -> list[str]:
    with provisionalcompleter():
        found = shell.Completer.completions(text, len(text))
        return [text[: c.start] + c.text for c in found]


@pytest.mark.parametrize(
    ("typed", "becomes"),
    [
        ("%aml comp", "%aml compute"),
        ("%aml compute sh", "%aml compute show"),
        ("%aml compute show lo", "%aml compute show local"),
        ("%%aml -c lo", "%%aml -c local"),
        ("%%aml --comp", "%%aml --compute"),
        ("%%aml --no", "%%aml --no-out"),
        ("%%aml -o my_v", "%%aml -o my_variable"),
        ("%%aml -o a,my_v", "%%aml -o a,my_variable"),
        ("x = 1\n%aml serv", "x = 1\n%aml service"),
    ],
)
def test_tab_completes(shell: RecordingShell, typed: str, becomes: str) -> None:
    shell.user_ns["my_variable"] = 1
    assert becomes in completions(shell, typed)


def test_other_lines_are_not_ours(shell: RecordingShell) -> None:
    shell.user_ns["computes"] = 1
    assert "computes" in completions(shell, "comput")


def test_completing_starts_no_service(
    shell: RecordingShell, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.stop()
    monkeypatch.setattr(
        "jupyter_aml.client.discovery.start", lambda *_: pytest.fail("it was started")
    )
    assert "%aml compute show local" not in completions(shell, "%aml compute show lo")
