"""Names and ids of ARM: the workspace in a path, the id of a resource, what an id refers to.

There is one workspace. Whatever subscription, group and name a script was written for leads to
it, and its ids come back as the script knows them: a script is rehearsed without an edit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PROVIDER = "Microsoft.MachineLearningServices"
SUBSCRIPTION = "10ca1000-0000-4000-8000-000000000000"
"""An id that Azure gives to nobody."""
TENANT = "10ca1000-0000-4000-8000-000000000001"
USER = "10ca1000-0000-4000-8000-000000000002"
WORKSPACE_GUID = "10ca1000-0000-4000-8000-000000000003"
GROUP = "local"
WORKSPACE = "local"
LOCATION = "local"

SUB = "/subscriptions/{subscription}"
"""Path templates of routes begin with one of these."""
GRP = SUB + "/resourceGroups/{group}"
WS = GRP + f"/providers/{PROVIDER}" + "/workspaces/{workspace}"
LOC = SUB + f"/providers/{PROVIDER}" + "/locations/{location}"


@dataclass(frozen=True, slots=True)
class Scope:
    """The workspace as one caller names it."""

    subscription: str = SUBSCRIPTION
    group: str = GROUP
    workspace: str = WORKSPACE

    @property
    def workspace_id(self) -> str:
        """``/subscriptions/…/workspaces/NAME``"""
        return (
            f"/subscriptions/{self.subscription}/resourceGroups/{self.group}"
            f"/providers/{PROVIDER}/workspaces/{self.workspace}"
        )

    def id(self, *parts: str) -> str:
        """The id of what is below the workspace: ``scope.id("models", "m", "versions", "1")``."""
        return "/".join((self.workspace_id, *parts))

    def operation(self, kind: str, number: str) -> str:
        """The path of an operation of the workspace's location: its status or its result."""
        return (
            f"/subscriptions/{self.subscription}/providers/{PROVIDER}"
            f"/locations/{LOCATION}/{kind}/{number}"
        )


def type_of(*kinds: str) -> str:
    """ARM's type: ``type_of("computes")`` is …/workspaces/computes."""
    return "/".join((PROVIDER, "workspaces", *kinds))


_ID = re.compile(r"^(?:azureml:)?/subscriptions/.+?/workspaces/[^/]+/(?P<rest>.+)$", re.IGNORECASE)
_SHORT = re.compile(r"^(?:azureml:)(?P<name>[^:/@]+)(?::(?P<version>[^:/]+)|@(?P<label>[^:/]+))?$")


@dataclass(frozen=True, slots=True)
class Reference:
    """What an id or a short name refers to; `kind` is "" where only the place says it."""

    kind: str
    name: str
    version: str = ""
    label: str = ""


def reference(text: str) -> Reference | None:
    """A full ARM id, ``azureml:name:version``, ``azureml:name@label`` or a bare name.

    None for everything else: URLs, ``azureml://`` paths, ids outside a workspace.
    """
    found = _ID.match(text)
    if found:
        parts = found["rest"].strip("/").split("/")
        if len(parts) < 2:
            return None
        word = parts[2].lower() if len(parts) == 4 else ""
        last = parts[3] if len(parts) == 4 else ""
        return Reference(
            kind=parts[0],
            name=parts[1],
            version=last if word == "versions" else "",
            label=last if word == "labels" else "",
        )
    short = _SHORT.match(text)
    if short:
        return Reference("", short["name"], short["version"] or "", short["label"] or "")
    return Reference("", text) if re.fullmatch(r"[A-Za-z0-9][\w.-]*", text) else None
