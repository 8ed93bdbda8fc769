"""The doctor on logs written without its rules, on what really happened, on healthy ones."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from jupyter_aml.model.diagnosis import Diagnosis
from jupyter_aml.service.doctor.diagnose import diagnose
from jupyter_aml.service.doctor.rules import RULES
from tests.doctor import healthy
from tests.doctor.case import Case, load

WRITTEN = load("written")
UNSEEN = load("unseen")
PROVOKED = load("provoked")
HEALTHY = list(healthy.logs())


@pytest.mark.parametrize("case", [*WRITTEN, *UNSEEN, *PROVOKED], ids=lambda case: case.name)
def test_the_right_rule_speaks_and_names_the_line(case: Case) -> None:
    found = diagnose(case.symptoms())
    assert (found.rule if found else "") == case.rule
    if "line" in case.head:
        assert found is not None
        assert found.where is not None
        assert (found.where.line, found.where.file) == (
            case.head["line"],
            case.head.get("file", ""),
        )
    if found is not None:
        _is_fit_to_be_shown(found)


def _is_fit_to_be_shown(found: Diagnosis) -> None:
    """One sentence without a full stop, nothing unfilled, ways out that lead somewhere."""
    assert not found.cause.endswith(".")
    assert "\n" not in found.cause
    for text in (found.cause, found.summary, *(fix.label for fix in found.fixes)):
        assert "{" not in text
        assert text
    for fix in found.fixes:
        assert fix.kind in ("edit", "command", "replace", "open")
        assert fix.value
        if fix.kind == "edit":
            assert fix.value.startswith("--")


def test_half_really_happened_and_the_rest_was_written_without_the_rules() -> None:
    happened, unseen = ([case for case in many if case.rule] for many in (PROVOKED, UNSEEN))
    telling = len(WRITTEN) + len(unseen) + len(happened)
    assert len(happened) * 2 >= telling
    assert (len(WRITTEN) + len(unseen)) * 3 >= telling


def test_every_rule_is_tried() -> None:
    tried = {case.rule for case in [*WRITTEN, *UNSEEN, *PROVOKED]}
    # a node that dies and a start that fails are tried where the service is killed
    assert {rule.name for rule in RULES} - tried <= {"node-lost", "start-failed"}


def test_there_are_two_hundred_healthy_logs_and_all_differ() -> None:
    assert len(HEALTHY) == 200
    assert len({log for _, log in HEALTHY}) == 200


ENDS = {
    "it completed": ("Completed", "", 0),
    "it exited with 1": ("Failed", "NonZeroExit", 1),
    "it exited with 2": ("Failed", "NonZeroExit", 2),
    "it was canceled": ("Canceled", "Canceled", None),
}


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@pytest.mark.parametrize("end", ENDS)
def test_healthy_logs_give_no_diagnosis_however_the_job_ended(end: str, stream: str) -> None:
    status, reason, code = ENDS[end]
    head = {
        "type": "command",
        "status": status,
        "reason": reason,
        "exitCode": code,
        "stream": stream,
        "spec": {"command": "python main.py"},
    }
    spoke = Counter(
        found.rule
        for name, log in HEALTHY
        if (found := diagnose(Case(name, "", head, log).symptoms())) is not None
    )
    assert spoke == Counter()


def test_a_cell_that_raised_something_else_gives_none_whatever_it_had_printed() -> None:
    error = {
        "code": "RemoteError",
        "message": "ValueError: labels do not match",
        "details": ["Cell In[1], line 2", "ValueError: labels do not match"],
    }
    head = {
        "type": "cell",
        "status": "Failed",
        "reason": "Exception",
        "exitCode": 1,
        "error": error,
        "stream": "stderr",
        "spec": {"source": "# %%aml\nfit(x, y)\n"},
    }
    assert [n for n, log in HEALTHY if diagnose(Case(n, "", head, log).symptoms())] == []


def test_every_rule_has_its_heading_in_the_troubleshooting_page() -> None:
    page = Path(__file__).parents[2] / "docs" / "user" / "troubleshooting.md"
    headings = {line.removeprefix("### ") for line in page.read_text().splitlines()}
    assert {rule.name for rule in RULES} - headings == set()
