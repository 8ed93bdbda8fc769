"""Reprs of the model's things: text and static HTML, everything escaped."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_aml.grammar.result import Column, Record, Result, Table
from jupyter_aml.kernel import extension
from jupyter_aml.kernel.display import html, text
from jupyter_aml.kernel.status import look
from jupyter_aml.model import compute, environment, job, lifecycle, preferences, workspace
from tests.kernel.conftest import RecordingShell

EVIL = '<img src=x onerror="alert(1)">'
AML = compute.AmlCompute(name="c1", size=EVIL, description=EVIL, tags={EVIL: EVIL})
SUMMARY = job.JobSummary(
    name="j1", type="cell", display_name=EVIL, status="Running", progress=0.35, compute="c1"
)
SAMPLES: list[tuple[Any, str]] = [
    (compute.Compute(spec=AML, state="Steady", error=EVIL), "c1"),
    (compute.ComputeList([compute.Compute(spec=AML, state="Resizing")]), "c1"),
    (compute.ComputeList([]), ""),
    (compute.NodeList([compute.Node(name=EVIL, compute="c1", state="idle")]), ""),
    (
        compute.SizeList(
            value=[compute.VmSize(name="local.1cpu", family=EVIL, vcpus=1, memory_gb=2.5)],
            note="approximate, as of 2026",
        ),
        "approximate",
    ),
    (compute.UsageList([compute.Usage(name="Total", current_value=3, limit=8)]), "Total"),
    (environment.Environment(name="e1", state="Failed", description=EVIL), "e1"),
    (environment.EnvironmentList([environment.Environment(name="e1", state="Building")]), "e1"),
    (
        environment.EnvironmentDiff(
            environment="e1",
            rows=[
                environment.DiffRow(package=EVIL, notebook="1", environment="", status="missing")
            ],
        ),
        "e1 has",
    ),
    (job.Job(name="j1", spec=job.CellJob(source=EVIL), status="Failed", created_at="t"), "j1"),
    (job.JobPage(value=[SUMMARY]), "j1"),
    (job.SessionList([]), "No sessions"),
    (job.FileList([job.FileEntry(path=EVIL, bytes=3)]), "3"),
    (job.Snapshot(id="s1", files=2, bytes=3, left_out=[EVIL]), "s1"),
    (preferences.Preferences(default_compute=EVIL), "Snapshot limit mb"),
    (workspace.WorkspaceList([workspace.Workspace(name="local", kind="local")], "local"), "local"),
    (workspace.ServiceStatus(state="running", home=EVIL), "running"),
    (Result(parts=[Record(fields=[("Name", EVIL)], title=EVIL)], notes=[EVIL]), ""),
    (Result(parts=[Table(columns=[Column(title=EVIL)], rows=[[EVIL]], title=EVIL)]), ""),
]


@pytest.mark.parametrize(("value", "words"), SAMPLES, ids=lambda v: type(v).__name__)
def test_each_has_text_and_html_without_a_script(
    shell: RecordingShell, value: Any, words: str
) -> None:
    data, _ = shell.display_formatter.format(value)
    assert words in data["text/plain"]
    assert words.lower() in data["text/html"].lower()
    for forbidden in ("<img", "<script", 'onerror="', "javascript:"):
        assert forbidden not in data["text/html"]


def test_every_struct_that_is_registered_can_be_drawn() -> None:
    registered = {name for names in extension.SHOWN.values() for name in names}
    assert registered == {type(value).__name__ for value, _ in SAMPLES}


def test_a_state_is_a_shape_and_a_word() -> None:
    shown = html(job.JobPage(value=[SUMMARY]))
    assert (
        f'aria-hidden="true" style="color:{look("Running").colour}">▶</span> Running 35%' in shown
    )


def test_columns_without_anything_are_left_out() -> None:
    assert "Reason" not in html(job.JobPage(value=[SUMMARY]))


def test_text_is_what_the_terminal_shows() -> None:
    assert text(job.JobPage(value=[])) == "No jobs."


@pytest.mark.parametrize("machine", lifecycle.MACHINES, ids=lambda m: m.noun)
def test_every_state_has_a_look(machine: lifecycle.Machine) -> None:
    for state in machine.states:
        assert look(state).shape != "?", state


def test_a_state_of_a_newer_service_is_its_own_word() -> None:
    assert look("Paused").word == "Paused"
