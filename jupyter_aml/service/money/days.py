"""Calendar days where the service runs: a budget begins anew at midnight."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from jupyter_aml.model.errors import Invalid


class Days:
    """`zone` is for tests; None is the machine's own time zone."""

    def __init__(self, zone: tzinfo | None = None) -> None:
        self._zone = zone

    def of(self, moment: float) -> str:
        """The day of a moment in seconds since 1970: ``2026-11-21``."""
        return datetime.fromtimestamp(moment, self._zone).date().isoformat()

    def end(self, moment: float) -> float:
        """The midnight after `moment`."""
        day = datetime.fromtimestamp(moment, self._zone).date() + timedelta(days=1)
        return datetime(day.year, day.month, day.day, tzinfo=self._zone).timestamp()

    def begin(self, day: str) -> float:
        """The midnight with which a day begins. Raises ValueError for what is no day."""
        first = datetime.strptime(day, "%Y-%m-%d")  # noqa: DTZ007 - the zone is put in below
        return first.replace(tzinfo=self._zone).timestamp()

    def since(self, text: str, now: float) -> float:
        """The moment that `text` names: a day, a moment, or "" for the beginning of today."""
        try:
            if not text:
                return self.begin(self.of(now))
            if len(text) == len("2026-11-21"):
                return self.begin(text)
            moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
            return (moment if moment.tzinfo else moment.replace(tzinfo=self._zone)).timestamp()
        except (ValueError, OverflowError):
            raise Invalid(
                f"{text!r} is neither a day nor a moment.",
                target="since",
                hint="Write it like 2026-11-21 or 2026-11-21T14:00:00Z.",
            ) from None
