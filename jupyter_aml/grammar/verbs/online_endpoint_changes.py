"""What changes an online endpoint: create, update, rollout, keys, delete."""

from __future__ import annotations

from typing import Any

from jupyter_aml.grammar.language import Call
from jupyter_aml.grammar.result import Result
from jupyter_aml.grammar.verbs import endpoint_waits as waits
from jupyter_aml.grammar.verbs.from_file import check_described, of_file
from jupyter_aml.grammar.views import endpoint as view
from jupyter_aml.model.endpoint import (
    CreateOnlineEndpoint,
    RegenerateKey,
    RolloutRule,
    StartRollout,
    UpdateOnlineEndpoint,
)
from jupyter_aml.model.errors import Invalid


def create(call: Call) -> Result:
    endpoints = call.client.online_endpoints
    described = call.given("auth_mode", "description", "tags")
    if call["file"]:
        found = of_file(
            call, call.surface.machine.read_endpoint, described, example="auth_mode=key"
        )
        spec = found.spec
        made = endpoints.create(spec)
        wanted = {name for name, percent in found.traffic.items() if percent}
        if wanted:
            _traffic_of_file(call, made.deployments, spec.name, found.traffic)
    else:
        check_described(call, "endpoint", "online-endpoint create NAME")
        if "tags" in described:
            described["tags"] = dict(described["tags"])
        spec = CreateOnlineEndpoint(name=call["name"], **described)
        made = endpoints.create(spec)
    if not call["no_wait"]:
        made = waits.answering(call, spec.name)
    deploy = call.command(f"deploy MODEL --endpoint {spec.name}")
    notes = [f"Nothing answers behind it yet: {deploy}"] if not made.deployments else []
    return view.shown(made, *notes, exit_code=1 if made.state == "Failed" else 0)


def _traffic_of_file(
    call: Call, deployments: list[str], name: str, traffic: dict[str, int]
) -> None:
    """A file may name deployments that come later; Azure refuses those, here it is said."""
    if set(traffic) <= set(deployments):
        call.client.online_endpoints.update(name, UpdateOnlineEndpoint(traffic=traffic))
        return
    split = " ".join(f"{one}={percent}" for one, percent in traffic.items())
    later = call.command(f'online-endpoint update {name} --traffic "{split}"')
    call.surface.note(f"The traffic is not set: its deployments are not there yet. Then: {later}")


def update(call: Call) -> Result:
    fields = call.changes(
        "traffic",
        "mirror_traffic",
        "description",
        "tags",
        example=f'online-endpoint update {call["name"]} --traffic "blue=100"',
    )
    if "tags" in fields:
        known = call.client.online_endpoints.get(call["name"]).tags
        fields["tags"] = known | dict(fields["tags"])
    found = call.client.online_endpoints.update(call["name"], UpdateOnlineEndpoint(**fields))
    return view.shown(found)


def rollout(call: Call) -> Result:
    endpoints = call.client.online_endpoints
    if call["cancel"]:
        return view.shown(endpoints.cancel_rollout(call["name"]))
    if not call["to"]:
        raise Invalid(
            "No deployment was named.",
            target="--to",
            hint=call.command(f"online-endpoint rollout {call['name']} --to green"),
        )
    rule = RolloutRule(
        **{
            field: call[option]
            for field, option in (
                ("max_error_rate", "max_error_rate"),
                ("max_p95_seconds", "max_p95"),
                ("max_p95_times", "max_p95_times"),
            )
            if call[option] is not None
        }
    )
    given: dict[str, Any] = {
        field: call[option]
        for field, option in (
            ("mirror", "mirror"),
            ("steps", "steps"),
            ("seconds_per_step", "every"),
        )
        if call[option] is not None
    }
    body = StartRollout(deployment=call["to"], rule=rule, **given)
    found = endpoints.rollout(call["name"], body)
    how = call.command(f"online-endpoint show {call['name']}")
    return view.shown(found, f"It goes on by itself. See how: {how}")


def keys(call: Call) -> Result:
    endpoints = call.client.online_endpoints
    if call["renew"]:
        found = endpoints.regenerate_key(call["name"], RegenerateKey(key_type=call["renew"]))
    else:
        found = endpoints.keys(call["name"])
    fields = {"Primary": found.primary_key, "Secondary": found.secondary_key}
    return view.credentials(fields, found, call["name"])


def credentials(call: Call) -> Result:
    endpoints = call.client.online_endpoints
    if endpoints.get(call["name"]).auth_mode == "key":
        found = endpoints.keys(call["name"])
        fields = {"Primary": found.primary_key, "Secondary": found.secondary_key}
        return view.credentials(fields, found, call["name"])
    token = endpoints.token(call["name"])
    return view.credentials({"Token": token.access_token}, token, call["name"])


def delete(call: Call) -> Result:
    endpoints, name = call.client.online_endpoints, call["name"]
    found = endpoints.get(name)
    loses = f"{found.scoring_uri} answers no more." if found.deployments else ""
    if not call["yes"] and not call.surface.confirm(f"Delete endpoint {name}?", loses=loses):
        return view.shown(found, "Nothing was deleted.", exit_code=1)
    gone = endpoints.delete(name)
    if call["no_wait"]:
        return view.shown(gone)
    waits.endpoint_gone(call, name)
    return Result(value=gone, document={"name": name, "deleted": True}, notes=[f"Deleted {name}."])
