"""Names with every kind of character, through the real client and the real HTTP service."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_aml.client import connect
from jupyter_aml.model.compute import AmlCompute
from jupyter_aml.model.errors import AmlError, Conflict, Invalid, NotFound
from jupyter_aml.model.job import CommandJob
from jupyter_aml.testing.service import ServiceProcess

# What paths, shells, addresses, SQL, HTML and terminals trip over, among anything at all.
_TRAPS = st.sampled_from(
    ["..", "/", "\\", "%2f", "\0", "\n", "\r\n", "\u202e", "é", "\x1b[2J", "'", '"', ";", "$(", "<"]
)
_NAMES = st.lists(
    _TRAPS | st.characters(exclude_categories=["Cs"]) | st.text("abz09-_", max_size=8)
)
_OFTEN = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@_OFTEN
@given(parts=_NAMES)
def test_any_name_is_taken_as_it_is_or_refused(
    fake_service: ServiceProcess, parts: list[str]
) -> None:
    """Never a traceback, a 500, or another thing than the one that was named."""
    name = "".join(parts)
    client = connect(home=fake_service.home, start=False)
    try:
        with contextlib.suppress(Invalid, Conflict):
            assert client.compute.create(AmlCompute(name=name)).name == name
            assert client.compute.get(name).name == name
        if name:  # without one it would get a new name
            with contextlib.suppress(Invalid, Conflict):
                made = client.jobs.create(CommandJob(command="echo"), name=name)
                assert made.name == client.jobs.get(name).name == name
    finally:
        client.close()


@_OFTEN
@given(parts=_NAMES)
def test_asking_for_any_name_finds_it_or_says_not_found(
    fake_service: ServiceProcess, parts: list[str]
) -> None:
    name = "x" + "".join(parts)
    client = connect(home=fake_service.home, start=False)
    try:
        for ask in (client.jobs.get, client.compute.get, client.jobs.cancel, client.compute.delete):
            with pytest.raises(AmlError) as refused:
                ask(name)
            assert isinstance(refused.value, (NotFound, Invalid)), refused.value
    finally:
        client.close()
