"""A hundred rounds of chaos with fixed seeds. `bench.soak` looks for seeds that fail.

A round kills service, nodes, jobs, the nursery and the client that follows, at chosen lines of
eight jobs under way, and in some rounds of a session's cells; `check`, a program outside the
package, then compares everything with an undisturbed run. A batch shares one home: the service
that a kill took is started again by whoever calls next, as on a person's machine.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos import drive
from tests.chaos.scenario import Scenario

pytestmark = [pytest.mark.chaos, pytest.mark.slow]

BATCHES, ROUNDS = 10, 10

# Seeds that found a defect once, and what it was.
FOUND = {
    2: "a client that came while the killed service was still in the process table gave up",
    5: "a node killed with several jobs on it left all but the first running for ever",
    21: "a client that had waited for the next service did not wait for the one after that",
    466852496: "a cell overtook those of its session that had waited on the killed node",
    2087124913: "a cell that was sent ahead to a session which was killed failed unbegun",
    23: "a job that ended while the next service still took up the others ran for ever in it",
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("batch", range(BATCHES))
def test_nothing_is_lost_doubled_or_left(batch: int, tmp_path: Path, home: Path) -> None:
    seeds = range(batch * ROUNDS + 1, (batch + 1) * ROUNDS + 1)
    for seed in seeds:
        _play(Scenario(seed), tmp_path, home, stop=seed == seeds[-1])


@pytest.mark.parametrize("seed", FOUND)
def test_what_was_found_once_stays_mended(seed: int, tmp_path: Path, home: Path) -> None:
    """Each on a home of its own, as it was found."""
    _play(Scenario(seed), tmp_path, home, stop=True)


def _play(scenario: Scenario, folder: Path, home: Path, *, stop: bool) -> None:
    defects = drive.run(scenario, folder / str(scenario.seed), home, stop=stop)
    assert not defects, f"seed {scenario.seed}: {drive.describe(scenario)}\n" + "\n".join(defects)
