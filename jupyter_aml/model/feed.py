"""Lines of the change feed, `feed.open`: what a tab or a follower is told, as NDJSON.

The service encodes them, TypeScript reads them (the structs are in ``schema/openapi.json``).
"""

from __future__ import annotations

from typing import Any

import msgspec

from jupyter_aml.model.batch import BatchDeployment, BatchEndpoint
from jupyter_aml.model.component import Component
from jupyter_aml.model.compute import Compute, Node
from jupyter_aml.model.data import Data, Datastore
from jupyter_aml.model.endpoint import OnlineDeployment, OnlineEndpoint
from jupyter_aml.model.environment import Environment
from jupyter_aml.model.event import Event
from jupyter_aml.model.job import JobSummary, Session
from jupyter_aml.model.money import CostSummary, Notice
from jupyter_aml.model.preferences import Preferences
from jupyter_aml.model.registry import Model
from jupyter_aml.model.schedule import Schedule

NOUNS: dict[str, type[msgspec.Struct]] = {
    "job": JobSummary,
    "compute": Compute,
    "node": Node,
    "session": Session,
    "environment": Environment,
    "data": Data,
    "model": Model,
    "component": Component,
    "datastore": Datastore,
    "endpoint": OnlineEndpoint,
    "deployment": OnlineDeployment,
    "batch_endpoint": BatchEndpoint,
    "batch_deployment": BatchDeployment,
    "schedule": Schedule,
    "preferences": Preferences,
    "costs": CostSummary,
    "notice": Notice,
}
"""What the ``object`` of a change is, by its ``noun``. An environment, data, a model or a component
is named name:version, a deployment endpoint/name."""


class Hello(msgspec.Struct, frozen=True, tag="hello", kw_only=True):
    """The first line. The present state follows as changes."""

    version: str
    feed: str


class Change(msgspec.Struct, frozen=True, tag="change", kw_only=True):
    """A thing is now as ``object`` says (`NOUNS`), or gone when that is None."""

    noun: str
    name: str
    object: Any


class Events(msgspec.Struct, frozen=True, tag="events", kw_only=True):
    """New events of a followed job, oldest first."""

    job: str
    events: list[Event]


class End(msgspec.Struct, frozen=True, tag="end", kw_only=True):
    """The job has ended and every event of it was sent."""

    job: str


class Heartbeat(msgspec.Struct, frozen=True, tag="heartbeat", kw_only=True):
    """Sent every 15 s: silence means that the connection is dead."""

    time: str


FeedLine = Hello | Change | Events | End | Heartbeat
