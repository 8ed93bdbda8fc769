"""The doctor on logs written without its rules, on what really happened, on healthy ones."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from jupyter_aml.model.diagnosis import Diagnosis
from jupyter_aml.service.doctor.diagnose import diagnose
from jupyter_aml.service.doctor.rules import RULES
from tests.doctor import healthy
from tests.doctor.case import CORPUS, Case, load

WRITTEN = load("written")
UNSEEN = load("unseen")
PROVOKED = load("provoked")
INDEPENDENT = load("independent")
TELLING = [case for case in [*WRITTEN, *UNSEEN, *PROVOKED, *INDEPENDENT] if case.rule]
MADE = list(healthy.logs())
HEALTHY = [*MADE, *healthy.kept(CORPUS / "independent-healthy")]


@pytest.mark.parametrize(
    "case", [*WRITTEN, *UNSEEN, *PROVOKED, *INDEPENDENT], ids=lambda case: case.name
)
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
        _leads_to_what_helps(found, case.head.get("offers", ""), case.head.get("never", ""))


def _leads_to_what_helps(found: Diagnosis, offers: str, never: str) -> None:
    """Whoever chose the case said what one of the ways out must name, or what none may."""
    named = [f"{fix.label} {fix.value}".lower() for fix in found.fixes]
    assert not offers or [text for text in named if offers in text]
    assert not never or [text for text in named if never in text] == []


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


def _ran(case: Case) -> bool:
    return case in PROVOKED or case.head.get("provenance", "").startswith("Ran ")


def test_half_really_happened() -> None:
    assert sum(_ran(case) for case in TELLING) * 2 >= len(TELLING)


def test_a_third_is_by_somebody_who_had_not_seen_the_rules() -> None:
    independent = [case for case in INDEPENDENT if case.rule]
    assert len(independent) * 3 >= len(TELLING)
    assert all(case.head["provenance"] for case in INDEPENDENT)


def test_every_rule_is_tried() -> None:
    tried = {case.rule for case in TELLING}
    # a node that dies and a start that fails are tried where the service is killed
    assert {rule.name for rule in RULES} - tried <= {"node-lost", "start-failed"}


def test_there_are_two_hundred_healthy_logs_and_forty_by_another_hand_and_all_differ() -> None:
    assert len(MADE) == 200
    assert len(HEALTHY) >= 240
    assert len({log for _, log in HEALTHY}) == len(HEALTHY)


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
