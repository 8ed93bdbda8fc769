"""``deployment.json``: an Azure IoT Edge deployment with the model as a module.

Schema 1.1 of the modules' desired properties. The two system modules are the runtime itself: every
manifest has to name them.
"""

from __future__ import annotations

import json
from typing import Any

_RUNTIME = "mcr.microsoft.com/azureiotedge-{}:1.5"
"""Images of the IoT Edge runtime, under the names that it is published by."""


def deployment(module: str, image: str, port: int) -> dict[str, Any]:
    """The manifest; `image` is to get the name of a registry before it."""
    agent: dict[str, Any] = {
        "schemaVersion": "1.1",
        "runtime": {
            "type": "docker",
            "settings": {"minDockerVersion": "v1.25", "registryCredentials": {}},
        },
        "systemModules": {
            "edgeAgent": {"type": "docker", "settings": {"image": _RUNTIME.format("agent")}},
            "edgeHub": {
                **_running(_RUNTIME.format("hub"), 443, 5671, 8883),
                "env": {},
            },
        },
        "modules": {
            module: {"version": "1.0", **_running(f"REGISTRY/{image}", port), "env": {}},
        },
    }
    hub = {
        "schemaVersion": "1.1",
        "routes": {},
        "storeAndForwardConfiguration": {"timeToLiveSecs": 7200},
    }
    return {
        "modulesContent": {
            "$edgeAgent": {"properties.desired": agent},
            "$edgeHub": {"properties.desired": hub},
        }
    }


def _running(image: str, *ports: int) -> dict[str, Any]:
    """A module that is always up and answers on the device's own ports."""
    bindings = {f"{port}/tcp": [{"HostPort": str(port)}] for port in ports}
    # Docker's options are JSON in a string: that is how the schema has it.
    options = json.dumps({"HostConfig": {"PortBindings": bindings}})
    return {
        "type": "docker",
        "status": "running",
        "restartPolicy": "always",
        "settings": {"image": image, "createOptions": options},
    }
