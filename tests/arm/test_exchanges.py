"""That what the SDK is answered is checked, and what the check finds is seen."""

from __future__ import annotations

from typing import Any

import pytest

from tests.arm.exchanges import CHECKER, Exchanges, load_checker


def test_exchanges_are_checked_against_the_specification() -> None:
    if load_checker() is None:
        pytest.skip(f"EXCHANGES ARE NOT CHECKED: {CHECKER.name} is not beside this repository")
    exchanges = Exchanges()
    exchanges.seen = [_exchange({"properties": {}}), _exchange({"properties": {"tenantId": 7}})]

    found = exchanges.deviations()

    assert any("tenantId" in one for one in found)


def _exchange(body: dict[str, Any]) -> dict[str, Any]:
    path = (
        "/subscriptions/0/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces"
    )
    return {
        "method": "GET",
        "url": f"https://127.0.0.1:1{path}/abc?api-version=2024-10-01-preview",
        "status": 200,
        "responseBody": {"id": "/x", "name": "abc", "type": "t", **body},
    }
