"""The state machines: every state is reached, every end is an end."""

from __future__ import annotations

import pytest

from jupyter_aml.model.errors import Conflict
from jupyter_aml.model.lifecycle import JOB, MACHINES, Machine


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.noun)
def test_every_state_is_reachable_and_leads_to_an_end(machine: Machine) -> None:
    for state in machine.states:
        assert state == machine.initial or machine.path(machine.initial, state)
        # What can be built again has no end.
        ends = machine.final or {machine.initial, "Building"}
        assert state in ends or any(machine.path(state, end) for end in ends)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.noun)
def test_moves_lead_to_known_states_only(machine: Machine) -> None:
    for following in machine.moves.values():
        assert set(following) <= set(machine.states)


def test_a_path_is_the_shortest_legal_one() -> None:
    assert JOB.path("Queued", "Completed") == ("Running", "Completed")
    assert JOB.path("Completed", "Queued") == ()


def test_an_illegal_move_says_both_states() -> None:
    with pytest.raises(Conflict, match="'j' cannot go from Completed to Running"):
        JOB.check("Completed", "Running", name="j")
