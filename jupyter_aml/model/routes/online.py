"""Online endpoints and their deployments."""

from __future__ import annotations

from jupyter_aml.model.endpoint import (
    Answer,
    CreateOnlineDeployment,
    CreateOnlineEndpoint,
    EndpointKeys,
    EndpointToken,
    EndpointTraffic,
    Invoke,
    OnlineDeployment,
    OnlineDeploymentList,
    OnlineEndpoint,
    OnlineEndpointList,
    RegenerateKey,
    StartRollout,
    UpdateOnlineEndpoint,
)
from jupyter_aml.model.queries import (
    History,
    ReadLog,
)
from jupyter_aml.model.rehearsal import Rehearsal, RehearseDeployment
from jupyter_aml.model.route import Route, route

ROUTES: tuple[Route, ...] = (
    route(
        "online_endpoints.list",
        "GET /online-endpoints",
        "Every online endpoint.",
        returns=OnlineEndpointList,
    ),
    route(
        "online_endpoints.get",
        "GET /online-endpoints/{name}",
        "One online endpoint.",
        returns=OnlineEndpoint,
    ),
    route(
        "online_endpoints.create",
        "POST /online-endpoints",
        "Make a URL that stays; its deployments come next.",
        body=CreateOnlineEndpoint,
        returns=OnlineEndpoint,
    ),
    route(
        "online_endpoints.update",
        "PATCH /online-endpoints/{name}",
        "Change its traffic, mirror, description or tags.",
        body=UpdateOnlineEndpoint,
        returns=OnlineEndpoint,
    ),
    route(
        "online_endpoints.delete",
        "DELETE /online-endpoints/{name}",
        "Delete it with all of its deployments.",
        returns=OnlineEndpoint,
    ),
    route(
        "online_endpoints.keys",
        "POST /online-endpoints/{name}/keys",
        "Its two keys.",
        returns=EndpointKeys,
    ),
    route(
        "online_endpoints.regenerate_key",
        "POST /online-endpoints/{name}/regenerate-key",
        "Replace one of its keys; the old one stops working at once.",
        body=RegenerateKey,
        returns=EndpointKeys,
    ),
    route(
        "online_endpoints.token",
        "POST /online-endpoints/{name}/token",
        "A short-lived token for it.",
        returns=EndpointToken,
    ),
    route(
        "online_endpoints.invoke",
        "POST /online-endpoints/{name}/invoke",
        "Send it a request, with its key.",
        body=Invoke,
        returns=Answer,
    ),
    route(
        "online_endpoints.traffic",
        "GET /online-endpoints/{name}/traffic",
        "Requests, errors, latencies and instances over time.",
        query=History,
        returns=EndpointTraffic,
    ),
    route(
        "online_endpoints.rollout",
        "POST /online-endpoints/{name}/rollout",
        "Move traffic to a deployment in steps; back again when it errs.",
        body=StartRollout,
        returns=OnlineEndpoint,
    ),
    route(
        "online_endpoints.cancel_rollout",
        "POST /online-endpoints/{name}/cancel-rollout",
        "End the rollout and restore the traffic of before.",
        returns=OnlineEndpoint,
    ),
    route(
        "online_deployments.list",
        "GET /online-endpoints/{endpoint}/deployments",
        "Deployments of an endpoint.",
        returns=OnlineDeploymentList,
    ),
    route(
        "online_deployments.get",
        "GET /online-endpoints/{endpoint}/deployments/{name}",
        "One deployment, with the script that runs.",
        returns=OnlineDeployment,
    ),
    route(
        "online_deployments.create",
        "POST /online-endpoints/{endpoint}/deployments",
        "Put a model behind an endpoint.",
        body=CreateOnlineDeployment,
        returns=OnlineDeployment,
    ),
    route(
        "online_deployments.update",
        "PUT /online-endpoints/{endpoint}/deployments/{name}",
        "Replace what runs; new instances answer before old ones leave.",
        body=CreateOnlineDeployment,
        returns=OnlineDeployment,
    ),
    route(
        "online_deployments.delete",
        "DELETE /online-endpoints/{endpoint}/deployments/{name}",
        "Delete it; refused while it has traffic.",
        returns=OnlineDeployment,
    ),
    route(
        "online_deployments.logs",
        "GET /online-endpoints/{endpoint}/deployments/{name}/logs",
        "What its script printed, or the requests it got.",
        query=ReadLog,
        stream=True,
    ),
    route(
        "online_deployments.restart_instance",
        "POST /online-endpoints/{endpoint}/deployments/{name}/instances/{instance}/restart",
        "Replace one instance: a new one answers first.",
        returns=OnlineDeployment,
    ),
    route(
        "online_deployments.rehearse",
        "POST /online-deployments/rehearse",
        "Start what a deployment would start, send it one request, end it.",
        body=RehearseDeployment,
        returns=Rehearsal,
    ),
)
