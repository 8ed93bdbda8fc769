"""The table of rows names only what is there."""

from __future__ import annotations

import pytest

from bench.engines import KINDS
from bench.rounds import Group
from bench.rows import GROUPS


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_targets_name_ways_of_their_group(group: Group) -> None:
    ways = {way.name for way in group.ways}
    assert len(ways) == len(group.ways)
    for target in group.targets:
        assert {target.way, *[way for way, _ in target.against]} <= ways, target.what
        assert target.gate is not None or target.aim is not None


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_every_engine_is_known(group: Group) -> None:
    assert {way.engine for way in group.ways} <= KINDS.keys()
