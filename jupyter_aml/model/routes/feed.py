"""The change feed."""

from __future__ import annotations

from jupyter_aml.model.queries import (
    FeedCommand,
)
from jupyter_aml.model.route import Route, route

ROUTES: tuple[Route, ...] = (
    route("feed.open", "GET /feed/{feed}", "Changes and followed jobs, as NDJSON.", stream=True),
    route(
        "feed.command",
        "POST /feed/{feed}",
        "Follow or unfollow a job on an open feed.",
        body=FeedCommand,
    ),
)
