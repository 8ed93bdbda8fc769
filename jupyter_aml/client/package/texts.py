"""The files of a package that are written: for people, for Docker and for Azure IoT Edge."""

from __future__ import annotations

import json
from typing import Any

from jupyter_aml._version import __version__
from jupyter_aml.client.package.wish import Wish

PORT = 5001
_USER = 1001

_DOCKERFILE = """\
FROM python:{python}-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN useradd --create-home --uid {user} scoring
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --requirement requirements.txt
COPY . .
USER scoring
EXPOSE {port}
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD \\
    ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:{port}/', timeout=4)"]
CMD ["python", "serve.py", "0.0.0.0:{port}"]
"""

_README = """\
# {model}, packed to run elsewhere

Written by jupyter_aml {version}. Nothing of it has to be installed where this runs.

| file | what it is |
|---|---|
| `serve.py` | `python serve.py [HOST:PORT]` serves the model; by default 127.0.0.1:{port} |
| `code/` | the scoring script: `init()` once, `run(data)` for each request; change it as you like |
| `model/` | the model; the script finds it in AZUREML_MODEL_DIR |
| `requirements.txt` | what has to be installed, pinned to what it was made with (Python {python}) |
| `server/` | the HTTP server: the standard library alone |
| `Dockerfile` | the same in a container |
| `deployment.json` | an Azure IoT Edge deployment with this model as a module |
{optional}
## With Python

    python{python} -m venv env
    env/bin/pip install -r requirements.txt
    env/bin/python serve.py

    curl -d {request} http://127.0.0.1:{port}/score

`GET /` says whether it is up, `GET /swagger.json` what it takes.

**It asks nobody for a key.** Leave it on 127.0.0.1 behind a server that does, or on a network
where everybody may ask it.

## In a container

    docker build -t {image} .
    docker run -p {port}:{port} {image}

## On an Azure IoT Edge device

Push the image to a registry that the device can reach, write its name in place of
`REGISTRY/{image}` in `deployment.json`, then:

    az iot edge set-modules --hub-name HUB --device-id DEVICE --content deployment.json

The module answers on port {port} of the device, and to other modules as `http://{module}:{port}/score`.

## Proof

{proof}
"""


def dockerfile(python: str) -> str:
    """Dependencies first: a changed model or script builds in a second."""
    return _DOCKERFILE.format(python=python, port=PORT, user=_USER)


def readme(wish: Wish, python: str, *, has_onnx: bool, proof: str) -> str:
    optional = ""
    if wish.request:
        optional += "| `sample.json` | a request that it understands |\n"
    if has_onnx:
        optional += "| `model.onnx` | the model for ONNX runtimes, which need no Python |\n"
    return _README.format(
        model=f"{wish.model.name}:{wish.model.version}",
        version=__version__,
        python=python,
        port=PORT,
        optional=optional,
        request="@sample.json" if wish.request else "'{\"data\": [[1, 2, 3]]}'",
        image=image(wish),
        module=module(wish),
        proof=proof,
    )


def manifest(wish: Wish, python: str, model_dir: str) -> dict[str, Any]:
    """``package.json``: what this is, and what the server is told (paths relative to it)."""
    return {
        "made_by": f"jupyter_aml {__version__}",
        "model": {"name": wish.model.name, "version": wish.model.version},
        "python": python,
        "serve": {
            "kind": wish.kind,
            "model_dir": model_dir,
            "code_dir": "code",
            "script": wish.script,
        },
    }


def image(wish: Wish) -> str:
    """A name that every registry takes."""
    return f"{wish.model.name.lower()}:{wish.model.version}"


def module(wish: Wish) -> str:
    """A name that IoT Edge takes: letters, digits, - and _, no : and no upper case for DNS."""
    return wish.model.name.lower()


def pretty(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
