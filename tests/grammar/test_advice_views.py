"""Waits, pre-flight and diagnoses as text: what a person reads before, while and after."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from jupyter_aml.grammar import Result, parse_cell, phrases
from jupyter_aml.grammar.views import diagnosis, preflight, waits
from jupyter_aml.model.diagnosis import CodeLine, CodePlace, Diagnosis
from jupyter_aml.model.errors import ErrorBody
from jupyter_aml.model.fix import Fix
from jupyter_aml.model.preflight import (
    EnvironmentCheck,
    KernelPreflight,
    Preflight,
    Problem,
    QuotaLeft,
    Ships,
    TravellingName,
)
from jupyter_aml.model.waiting import UsualStart, Wait, WaitStage
from tests.grammar.fake_client import FakeClient
from tests.grammar.fake_surface import FakeSurface

Typed = Callable[[str], Result]


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (None, None, ""),
        (0.0031, 0.0119, "usually 3 to 12 ms"),
        (0.2, 0.9, "usually 200 to 900 ms"),
        (3.2, 4.7, "usually 3 to 5 s"),
        (4.0, 4.0, "usually 4 s"),
        (0.2, 7.1, "usually under 8 s"),
        (62, 118, "usually 60 to 120 s"),
        (125, 290, "usually 2 to 5 min"),
        (5400, 9000, "usually 1 to 3 h"),
    ],
)
def test_usual_is_rounded_outward(low: float | None, high: float | None, text: str) -> None:
    assert phrases.usual(low, high) == text


WAIT = Wait(
    job="j",
    waiting=True,
    stages=[
        WaitStage(
            name="node",
            state="current",
            seconds=7,
            usual_low=3,
            usual_high=5,
            count=30,
            reason="starting a node of c1",
            slower=True,
        ),
        WaitStage(name="process", state="ahead", usual_low=0.1, usual_high=0.3, count=30),
    ],
    slower=True,
    likely="this machine is busy",
    alternative=Fix(
        label="Run on c2, a node is free: 4 cores, 16 GB",
        kind="edit",
        value="--compute c2",
        price_per_hour=0.29,
    ),
)


def test_show_says_why_a_job_waits_and_what_else_there_is(typed: Typed, client: FakeClient) -> None:
    client.jobs.add("j", "Queued")
    client.jobs.waits["j"] = WAIT
    text = str(typed("job show j"))
    assert "Starting a node: 7.0 s, usually 3 to 5 s, starting a node of c1" in text
    assert "Starting the process: usually 100 to 300 ms" in text
    assert "slower than 95 % of your starts: this machine is busy" in text
    assert "Run on c2, a node is free: 4 cores, 16 GB (--compute c2), would be $0.29/h" in text


def test_a_stream_begins_with_the_wait(
    typed: Typed, client: FakeClient, surface: FakeSurface
) -> None:
    client.jobs.add("j", "Queued")
    client.jobs.waits["j"] = Wait(job="j", waiting=True, stages=[], usual_low=3, usual_high=5)
    client.jobs.events["j"] = []
    typed("job stream j")
    assert surface.notes[0] == "It waits, usually 3 to 5 s."


def test_a_job_that_runs_shows_no_wait() -> None:
    assert waits.fields(None) == []
    assert waits.in_short(Wait(job="j", waiting=False, stages=[])) == ""
    assert waits.in_short(Wait(job="j", waiting=True, stages=[])) == ""


FOUND = Diagnosis(
    rule="missing-module",
    cause="The environment kernel has no module foo",
    where=CodePlace(
        line=2,
        text="import foo",
        execution_count=7,
        lines=[
            CodeLine(number=1, text="%%aml"),
            CodeLine(number=2, text="import foo", marked=True),
        ],
    ),
    fixes=[
        Fix(label="Use another environment…", kind="open", value="environments"),
        Fix(label="Install foo", kind="command", value="%pip install foo", restarts_at="process"),
    ],
)


def test_show_and_stream_name_cause_place_and_fix(
    typed: Typed, client: FakeClient, surface: FakeSurface
) -> None:
    error = ErrorBody(code="JobFailed", message="The command ended with exit code 1.")
    client.jobs.add("j", "Failed", error=error, diagnosis=FOUND)
    text = str(typed("job show j"))
    assert "The environment kernel has no module foo" in text
    assert "cell [7], line 2" in text
    assert ">   2 import foo" in text
    assert "Install foo: %pip install foo; starts again with its process" in text
    client.jobs.events["j"] = []
    typed("job stream j")
    assert "Cause: The environment kernel has no module foo\n" in surface.err


def test_an_error_s_hint_is_what_one_can_type() -> None:
    assert diagnosis.hint(FOUND).startswith("Install foo: %pip install foo")
    assert diagnosis.hint(Diagnosis(rule="x", cause="y")) == ""
    assert diagnosis.fields(None) == []


TOLD = Preflight(
    compute="c1",
    state="Steady",
    size="Standard_DS3_v2",
    vcpus=4,
    memory_gb=14,
    price_per_hour=0.293,
    rehearsal=True,
    quota=QuotaLeft(name="DSv2", left=12, limit=100),
    start=UsualStart(size="s", environment="e", situation="cold", low=100, high=140, count=20),
    ships=Ships(files=3, bytes=2048, limit_bytes=100 << 20),
    environment=EnvironmentCheck(name="kernel"),
)


def test_check_shows_every_fact(typed: Typed, client: FakeClient) -> None:
    client.jobs.told = TOLD
    result = typed("job check -f job.yml")
    text = str(result)
    assert result.exit_code == 0
    for fact in (
        "c1: DS3_v2, 4 cores, 14 GB",
        "would be $0.29/h in Azure",
        "12 of 100 cores left",
        "usually 1 to 3 min",
        "3 files of the folder, 2.0 KB of 100.0 MB",
        "Nothing was started.",
    ):
        assert fact in text


def test_errors_come_before_warnings_and_once() -> None:
    missing = Problem(code="MissingModule", cause="foo is not in kernel", where="foo")
    warning = Problem(code="FileStaysHere", cause="a.csv stays", severity="warning")
    kernel = KernelPreflight(
        names=[TravellingName(name="df", type="DataFrame", bytes=41 << 20)],
        bytes=41 << 20,
        problems=[warning, missing],
    )
    result = preflight.shown(msgspec.structs.replace(TOLD, problems=[missing]), kernel)
    text = str(result)
    assert result.exit_code == 1
    assert text.index("foo is not in kernel") < text.index("a.csv stays")
    assert text.count("foo is not in kernel") == 1
    assert "df 41.0 MB; about 41.0 MB in all" in text
    assert "1 thing to fix before it can run" in text


def test_a_compute_that_is_not_there_has_no_facts() -> None:
    problem = Problem(
        code="NotFound",
        cause="There is no compute 'x'",
        fix=Fix(label="Run %aml compute create x", kind="command", value="%aml compute create x"),
    )
    text = str(preflight.shown(Preflight(compute="x", problems=[problem])))
    assert "0 cores" not in text
    assert text.count("%aml compute create x") == 1


def test_the_line_of_a_cell_can_ask_for_the_check() -> None:
    assert parse_cell("-c gpu --check").check
    assert not parse_cell("-c gpu").check
