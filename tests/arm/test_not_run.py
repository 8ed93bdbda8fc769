"""What is not run here is refused in the same words by the compatible API and by files."""

from __future__ import annotations

from typing import Any, cast

import pytest

from jupyter_aml.model import not_run
from jupyter_aml.model.errors import Invalid
from jupyter_aml.service.arm.jobs import accepting, steps
from jupyter_aml.service.arm.nouns import component_spec
from jupyter_aml.service.arm.scope import Scope
from jupyter_aml.service.backends.protocol import CodesFacet

NOTHING = cast("CodesFacet", None)
"""Nothing is looked up before a kind is refused."""


def told_by(error: Invalid) -> tuple[str, str, str]:
    return error.message, error.target, error.hint


@pytest.mark.parametrize("kind", ["Spark", "AutoML", "FineTuning", "Labeling"])
async def test_jobs(kind: str) -> None:
    with pytest.raises(Invalid) as told:
        await accepting.read({"jobType": kind}, cast("Scope", None), NOTHING)
    assert told_by(told.value) == (
        f"Jobs of the type {kind.lower()} are not run here.",
        "$.properties.jobType",
        not_run.INSTEAD[kind.lower()],
    )


@pytest.mark.parametrize("kind", [*not_run.INSTEAD, "data_transfer_export"])
def test_steps(kind: str) -> None:
    sent = {"type": kind, "limits": {"max_iteration_count": 3}, "items": [{"n": 1}]}
    with pytest.raises(Invalid) as told:
        steps.read_steps({"one": sent}, "$.properties.jobs")
    known = kind if kind in not_run.INSTEAD else "data_transfer"
    assert told_by(told.value) == (
        f"Steps of the type {kind} are not run here.",
        "$.properties.jobs.one.type",
        not_run.INSTEAD[known],
    )


@pytest.mark.parametrize("kind", ["spark", "automl", "import"])
async def test_components(kind: str) -> None:
    with pytest.raises(Invalid) as told:
        await component_spec.read({"type": kind}, "c", "1", NOTHING, {})
    assert told_by(told.value) == (
        f"Components of the type {kind} are not run here.",
        "$.properties.componentSpec.type",
        not_run.INSTEAD[kind],
    )


async def test_what_is_no_kind_at_all() -> None:
    sent: dict[str, Any] = {"jobType": "Dance"}
    with pytest.raises(Invalid, match="no type of jobs 'dance'"):
        await accepting.read(sent, cast("Scope", None), NOTHING)
