"""``online-deployment rehearse``: what a deployment would do, without making it."""

from __future__ import annotations

import msgspec

from jupyter_aml.grammar.language import Call
from jupyter_aml.grammar.result import Result
from jupyter_aml.grammar.verbs.endpoint_options import request_text
from jupyter_aml.grammar.verbs.online_deployment_changes import described
from jupyter_aml.grammar.views import rehearsal as view
from jupyter_aml.model.endpoint import CreateOnlineDeployment
from jupyter_aml.model.errors import NotFound
from jupyter_aml.model.rehearsal import RehearseDeployment


def rehearse(call: Call) -> Result:
    spec = described(call, _there(call))
    asks = call["request_data"] or call["request_file"]
    body = RehearseDeployment(
        deployment=spec,
        request_data=msgspec.json.decode(request_text(call)) if asks else None,
    )
    if call.surface.watched:
        call.surface.note(f"Rehearsing {spec.endpoint_name}/{spec.name} …")
    found = call.client.online_deployments.rehearse(body)
    notes: list[str] = []
    if not found.error and spec.model and not call["file"]:
        model = spec.model.removeprefix("azureml:")
        make = f"deploy {model} --endpoint {spec.endpoint_name} --deployment {spec.name}"
        notes.append(f"Nothing was deployed. Do it: {call.command(make)}")
    return view.outcome(found, f"{spec.endpoint_name}/{spec.name}", *notes)


def _there(call: Call) -> CreateOnlineDeployment | None:
    """The deployment of that name: options that are not given are as it has them."""
    if call["file"] or not (call["endpoint"] and call["name"]):
        return None
    try:
        return call.client.online_deployments.get(call["endpoint"], call["name"]).spec
    except NotFound:
        return None
