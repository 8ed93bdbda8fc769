"""Waiting for endpoints and deployments, told as it goes."""

from __future__ import annotations

from jupyter_aml.grammar.language import Call
from jupyter_aml.grammar.views import endpoint as view
from jupyter_aml.model.endpoint import OnlineDeployment, OnlineEndpoint
from jupyter_aml.model.errors import NotFound

POLL_SECONDS = 0.05
_MOVING = frozenset({"Creating", "Updating", "Deleting"})


def deployed(call: Call, endpoint: str, name: str) -> OnlineDeployment:
    """The deployment once it answers or cannot; says what it is doing whenever that changes.

    Ctrl-C stops the waiting, not the deployment.
    """
    said = ""
    try:
        while True:
            found = call.client.online_deployments.get(endpoint, name)
            if found.state not in _MOVING:
                return found
            doing = found.reason.partition(",")[0]
            if call.surface.watched and doing and doing != said:
                call.surface.note(f"{view.doing(found)} …")
                said = doing
            call.surface.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        show = call.command(f"online-deployment show {name} --endpoint-name {endpoint}")
        call.surface.note(f"It goes on. See how: {show}")
        raise


def answering(call: Call, name: str) -> OnlineEndpoint:
    """The endpoint once its router answers or cannot."""
    while True:
        found = call.client.online_endpoints.get(name)
        if found.state not in _MOVING:
            return found
        call.surface.sleep(POLL_SECONDS)


def endpoint_gone(call: Call, name: str) -> None:
    try:
        while call.client.online_endpoints.get(name).state == "Deleting":
            call.surface.sleep(POLL_SECONDS)
    except NotFound:
        return


def deployment_gone(call: Call, endpoint: str, name: str) -> None:
    try:
        while call.client.online_deployments.get(endpoint, name).state == "Deleting":
            call.surface.sleep(POLL_SECONDS)
    except NotFound:
        return
