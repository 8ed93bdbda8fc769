"""Environments: what a job's Python is."""

from __future__ import annotations

from jupyter_aml.model.environment import (
    CreateEnvironment,
    DiffEnvironment,
    Environment,
    EnvironmentDiff,
    EnvironmentList,
)
from jupyter_aml.model.queries import (
    FindEnvironment,
    FollowBuild,
    ListEnvironments,
)
from jupyter_aml.model.route import Route, route

ROUTES: tuple[Route, ...] = (
    route(
        "environments.list",
        "GET /environments",
        "Environments: the kernel, the person's own, the curated ones.",
        query=ListEnvironments,
        returns=EnvironmentList,
    ),
    route(
        "environments.get",
        "GET /environments/{name}",
        "One environment, with the modules that can be imported in it.",
        query=FindEnvironment,
        returns=Environment,
    ),
    route(
        "environments.create",
        "POST /environments",
        "Name a content; another content under the same name is the next version.",
        body=CreateEnvironment,
        returns=Environment,
    ),
    route(
        "environments.build",
        "POST /environments/{name}/build",
        "Build it now instead of with its first job.",
        query=FindEnvironment,
        returns=Environment,
    ),
    route(
        "environments.cancel",
        "POST /environments/{name}/cancel",
        "End its build.",
        query=FindEnvironment,
        returns=Environment,
    ),
    route(
        "environments.log",
        "GET /environments/{name}/log",
        "The log of its newest build, live.",
        query=FollowBuild,
        stream=True,
    ),
    route(
        "environments.diff",
        "POST /environments/{name}/diff",
        "What the notebook has against what the environment has.",
        body=DiffEnvironment,
        query=FindEnvironment,
        returns=EnvironmentDiff,
    ),
    route(
        "environments.archive",
        "POST /environments/{name}/archive",
        "Hide it from lists; jobs that name its version go on using it.",
        query=FindEnvironment,
        returns=Environment,
    ),
    route(
        "environments.restore",
        "POST /environments/{name}/restore",
        "Show it in lists again.",
        query=FindEnvironment,
        returns=Environment,
    ),
)
