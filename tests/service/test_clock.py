"""Times on the wire."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from jupyter_aml.service.clock import SystemClock, iso


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (0.0, "1970-01-01T00:00:00.000000Z"),
        (1795283953.25, "2026-11-21T17:59:13.250000Z"),
        (datetime(2026, 11, 21, 17, 59, 13, 5, timezone.utc), "2026-11-21T17:59:13.000005Z"),
        (
            datetime(2026, 11, 21, 19, 59, 13, tzinfo=timezone(timedelta(hours=2))),
            "2026-11-21T17:59:13.000000Z",
        ),
    ],
)
def test_times_are_rfc_3339_in_utc(moment: datetime | float, text: str) -> None:
    assert iso(moment) == text


def test_the_system_clock_agrees_with_itself() -> None:
    clock = SystemClock()
    assert abs(clock.now().timestamp() - clock.time()) < 5
    assert clock.monotonic() <= clock.monotonic()
