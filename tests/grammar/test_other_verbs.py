"""Overview, workspace, environment, session, preferences, service and doctor."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import msgspec
import pytest

from jupyter_aml.grammar import Result, help_text, parse_line, run
from jupyter_aml.model.compute import AmlCompute
from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.model.preferences import Preferences
from tests.grammar.fake_client import FakeClient
from tests.grammar.fake_surface import FakeSurface

Typed = Callable[[str], Result]


def test_the_overview_says_what_runs_where_since_when_and_what_it_costs(
    typed: Typed, client: FakeClient
) -> None:
    client.jobs.add("maple_river", "Running", started_at="2023-11-14T22:10:20Z")
    client.compute.add(AmlCompute(name="c-one"), state="Steady", price_per_hour=0.4, rehearsal=True)
    result = typed("")
    text = str(result)
    for said in ("Running now", "maple_river", "10 s ago", "3 min", "Sessions", "work", "c-one"):
        assert said in text
    assert "In Azure, what is up now would be $0.40/h" in text
    assert client.jobs.queries[0]["status"] == "active"
    assert result.document["price_per_hour"] == 0.4
    assert set(result.document) >= {"workspace", "jobs", "sessions", "computes"}


def test_real_money_is_not_called_would_be(typed: Typed, client: FakeClient) -> None:
    client.compute.add(AmlCompute(name="c-one"), state="Steady", price_per_hour=0.4)
    assert "What is up now costs about $0.40/h." in str(typed(""))


def test_an_idle_workspace_says_so(typed: Typed, client: FakeClient) -> None:
    client.sessions.all = []
    text = str(typed(""))
    assert "No job is under way." in text
    assert "Nothing here costs money now." in text
    assert "Sessions" not in text


def test_workspaces(typed: Typed) -> None:
    assert typed("workspace list").document[0]["current"] is True
    assert typed("workspace show").document["name"] == "local"
    assert "The current workspace is local." in str(typed("workspace use local"))
    with pytest.raises(NotFound, match="no workspace 'other'"):
        typed("workspace show other")


def test_a_session_ends_after_a_question(
    typed: Typed, client: FakeClient, surface: FakeSurface
) -> None:
    assert "work" in str(typed("session list"))
    typed("session delete work")
    assert surface.questions == [("End session work?", "The variables of session work are lost.")]
    assert client.sessions.all == []
    with pytest.raises(NotFound, match="no session 'work'"):
        typed("session delete work -y")


def test_a_session_goes_on_after_a_no(client: FakeClient) -> None:
    surface = FakeSurface(answer=False)
    assert run(client, parse_line("session delete work"), surface).exit_code == 1
    assert len(client.sessions.all) == 1


def test_one_preference_changes_and_the_others_stay(typed: Typed, client: FakeClient) -> None:
    typed("preferences set default_compute=c-one jobs_keep_server_alive=false")
    assert client.preferences.kept == Preferences(
        default_compute="c-one", jobs_keep_server_alive=False
    )
    assert "default_compute:        c-one" in str(typed("preferences show"))


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("default_computer=x", "no preference 'default_computer'"),
        ("fetch_limit_mb=-1", "fetch_limit_mb"),
        ("fetch_limit_mb=much", "fetch_limit_mb"),
        ("default_compute=1", "default_compute"),
    ],
)
def test_a_preference_that_cannot_be_is_refused(
    typed: Typed, client: FakeClient, setting: str, says: str
) -> None:
    with pytest.raises(Invalid, match=says):
        typed(f"preferences set {setting}")
    assert client.preferences.kept == Preferences()


def test_the_status_of_no_service_ends_with_4(typed: Typed, surface: FakeSurface) -> None:
    assert typed("service status").exit_code == 0
    surface.machine.state = "stopped"
    result = typed("service status")
    assert (result.exit_code, result.document["state"]) == (4, "stopped")
    assert "%aml service start" in str(result)


def test_stop_says_what_it_ends(typed: Typed, surface: FakeSurface) -> None:
    surface.machine.running = {"jobs": 1, "nodes": 2, "endpoints": 0}
    result = typed("service stop --force")
    assert surface.questions == []
    assert surface.machine.stopped_with == [True]
    assert "This ended 1 job, 2 nodes." in str(result)


def test_stop_asks_while_jobs_are_under_way(client: FakeClient, surface: FakeSurface) -> None:
    surface.machine.running = {"jobs": 1, "nodes": 0, "endpoints": 0}
    surface.answer = False
    assert run(client, parse_line("service stop"), surface).exit_code == 1
    assert surface.questions == [("Stop the service?", "This ends 1 job.")]
    assert surface.machine.stopped_with == []


def test_what_the_service_warns_of_is_shown(typed: Typed, surface: FakeSurface) -> None:
    running = surface.machine.status()
    warned = msgspec.structs.replace(running, warnings=["The disk is full."])
    surface.machine.status = lambda: warned
    assert "Note: The disk is full." in str(typed("service status"))


def test_what_stopping_ends_is_said_once(typed: Typed, surface: FakeSurface) -> None:
    surface.machine.running = {"jobs": 1, "nodes": 0, "endpoints": 0}
    assert "This ended" not in str(typed("service stop"))
    assert surface.questions == [("Stop the service?", "This ends 1 job.")]


def test_stop_of_an_idle_service_does_not_force(typed: Typed, surface: FakeSurface) -> None:
    typed("service stop")
    assert surface.machine.stopped_with == [False]


def test_logs_are_shown_as_they_are(typed: Typed, surface: FakeSurface) -> None:
    result = typed("service logs --tail 2")
    assert surface.out == ["line 0\nline 1\n"]
    assert result.document == {"log": ["line 0", "line 1"]}


def test_doctor_fails_if_a_check_does(typed: Typed, surface: FakeSurface) -> None:
    check = SimpleNamespace(name="Disk", level="warn", message="Only 1 GB.", fix="Make room.")
    surface.machine.checks = [check]
    result = typed("doctor")
    assert result.exit_code == 0
    assert "warn  Disk   Only 1 GB.  Make room." in str(result)
    surface.machine.checks = [SimpleNamespace(**{**vars(check), "level": "fail"})]
    assert typed("doctor").exit_code == 1


def test_help_is_the_result_where_it_is_asked_for(typed: Typed) -> None:
    assert str(typed("--help")) == help_text()
    assert str(typed("compute")) == help_text("compute")
    assert str(typed("compute show -h")) == help_text("compute", "show")
    assert "Usage: %aml doctor" in help_text("doctor")


def test_documents_are_what_json_can_hold(typed: Typed, client: FakeClient) -> None:
    client.jobs.add("j")
    for line in (
        "",
        "job list",
        "job show j",
        "compute list",
        "compute nodes local",
        "compute usage",
    ):
        msgspec.json.encode(typed(line).document)


def test_notebook_fill_tells_what_became_of_each_cell(typed: Typed, surface: FakeSurface) -> None:
    result = typed("notebook fill a.ipynb")
    assert surface.machine.read == [("a.ipynb", {})]
    cell = {"number": 2, "job": "bold_sun", "what": "filled"}
    assert result.document == {"path": "a.ipynb", "cells": [cell]}
    assert result.notes == ["Filled 1 cell of a.ipynb."]
