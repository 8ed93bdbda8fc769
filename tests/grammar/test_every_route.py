"""Whatever the API can do can be typed: every row of the table has a verb, or a reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import jupyter_aml.grammar
from jupyter_aml.grammar.nouns import BY_NAME
from jupyter_aml.model.api import BY_OPERATION, ROUTES

BY_ANOTHER_NAME = {
    "arm.open": "service env",
    "data.read": "data download",
    "data.upload": "data create",
    "datastores.read": "datastore download",
    "jobs.check": "job check",
    "jobs.diagnosis": "job show",
    "jobs.events": "job stream",
    "jobs.files": "job download",
    "jobs.read": "job download",
    "jobs.result": "job fetch",
    "models.files": "model download",
    "models.read": "model download",
    "online_deployments.delete": "online-deployment delete",
    "online_deployments.restart_instance": "online-deployment restart",
    "online_endpoints.cancel_rollout": "online-endpoint rollout",
    "online_endpoints.delete": "online-endpoint delete",
    "online_endpoints.keys": "online-endpoint get-credentials",
    "online_endpoints.regenerate_key": "online-endpoint keys",
    "online_endpoints.rollout": "online-endpoint rollout",
    "online_endpoints.token": "online-endpoint get-credentials",
    "service.status": "service status",
    "service.stop": "service stop",
    "snapshots.create": "job check",
}
"""Rows that a verb reaches through a helper or another row, and that verb."""

NO_VERB = {
    "arm.close": "it closes with the service; a person opens it by `service env` alone",
    "arm.status": "`doctor` and `service env` say it",
    "cells.get": "the notebook takes up a cell's run by itself",
    "compute.history": "a curve, drawn by JupyterLab",
    "compute.waits": "`compute list` and `job check` say it where it matters",
    "feed.command": "the feed of an open tab",
    "feed.open": "the feed of an open tab",
    "jobs.create_many": "`aml.remote(...).map` and Python",
    "jobs.history": "a curve, drawn by JupyterLab",
    "jobs.run": "`%%aml`, a cell",
    "kernels.delete": "Jupyter starts and ends kernels: the picker and `jupyter kernel` do",
    "kernels.get": "as above",
    "kernels.list": "as above",
    "kernels.start": "as above",
    "schedules.preview": "the form of a new schedule; `schedule create` says the next run",
}


def _called() -> Iterator[str]:
    """``facet.verb`` of every ``….client.facet.verb`` in the grammar."""
    folder = Path(jupyter_aml.grammar.__file__).parent
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Attribute(
                    value=ast.Attribute(value=ast.Attribute(attr="client"), attr=facet), attr=verb
                ):
                    yield f"{facet}.{verb}"
                case _:
                    pass


def test_every_row_of_the_api_has_a_verb_or_a_reason() -> None:
    known = set(_called()) | BY_ANOTHER_NAME.keys() | NO_VERB.keys()
    assert [route.operation for route in ROUTES if route.operation not in known] == []


def test_the_lists_hold_nothing_else() -> None:
    listed = [*BY_ANOTHER_NAME, *NO_VERB]
    assert [one for one in listed if one not in BY_OPERATION] == []
    assert set(listed) & set(_called()) == set()
    assert BY_ANOTHER_NAME.keys() & NO_VERB.keys() == set()


@pytest.mark.parametrize("typed", sorted(set(BY_ANOTHER_NAME.values())))
def test_the_verbs_that_are_named_are_there(typed: str) -> None:
    noun, _, verb = typed.partition(" ")
    assert BY_NAME[noun].verb(verb) is not None
