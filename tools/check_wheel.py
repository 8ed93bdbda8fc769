"""Prove that a wheel works for a user: no Node.js on PATH, seen by JupyterLab, light.

    python tools/check_wheel.py dist/jupyter_aml-0.1.0-py3-none-any.whl

It also counts the install gate: what the wheel adds to jupyterlab + ipykernel + ipywidgets.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

BASE = ("jupyterlab>=4.6,<4.7", "ipykernel", "ipywidgets")
MOST_DISTRIBUTIONS = 8
MOST_MEGABYTES = 25
IN_THE_WHEEL = (
    "share/jupyter/labextensions/jupyter-aml/package.json",
    "share/jupyter/labextensions/jupyter-aml/install.json",
    "etc/jupyter/jupyter_server_config.d/jupyter_aml.json",
    "jupyter_aml/py.typed",
)
ROOT = Path(__file__).resolve().parents[1]


def main(wheel: Path) -> None:
    look_inside(wheel)
    with tempfile.TemporaryDirectory(prefix="jupyter-aml-wheel-") as folder:
        environment = Path(folder) / "env"
        run("uv", "venv", "--quiet", "--python", sys.executable, str(environment))
        install(environment, *BASE)
        before = distributions(environment)
        install(environment, str(wheel))
        after = distributions(environment)
        report(before, after)
        look_at_extensions(environment)
        run_a_job(environment, Path(folder))


def look_inside(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in IN_THE_WHEEL:
        require(any(n.endswith(wanted) for n in names), f"{wheel.name} lacks {wanted}")
    maps = [name for name in names if name.endswith(".map")]
    require(not maps, f"a development bundle: {maps[:1]}")
    schemas = [name for name in names if "/labextensions/jupyter-aml/schemas/" in name]
    # JupyterLab takes every file of this folder for a page of its settings editor.
    strangers = [name for name in schemas if name.endswith("openapi.json")]
    require(schemas and not strangers, f"not a settings schema: {strangers or 'none found'}")
    print(f"{wheel.name}: {len(names)} files, {wheel.stat().st_size / 1e6:.2f} MB")


def report(before: dict[str, float], after: dict[str, float]) -> None:
    new = {name: size for name, size in after.items() if name not in before}
    total = sum(new.values())
    for name, size in sorted(new.items(), key=lambda item: -item[1]):
        print(f"  {name:24} {size:6.2f} MB")
    others = len(new) - ("jupyter-aml" in new)
    print(f"It adds {total:.1f} MB and {others} distributions beside itself.")
    require(total <= MOST_MEGABYTES, f"more than {MOST_MEGABYTES} MB")
    require(others <= MOST_DISTRIBUTIONS, f"more than {MOST_DISTRIBUTIONS} distributions")


def look_at_extensions(environment: Path) -> None:
    jupyter = str(environment / "bin" / "jupyter")
    alone = no_node(environment)
    lab = run(jupyter, "labextension", "list", env=alone)
    line = next((line for line in lab.splitlines() if "jupyter-aml v" in line), "")
    require("enabled" in line and "OK" in line, f"JupyterLab does not see it:\n{lab}")
    server = run(jupyter, "server", "extension", "list", env=alone)
    line = next((line for line in server.splitlines() if "jupyter_aml enabled" in plain(line)), "")
    require(line, f"Jupyter Server does not see it:\n{server}")
    require("Validating jupyter_aml" not in server or "X is" not in server, server)
    print("JupyterLab and Jupyter Server see it.")


def run_a_job(environment: Path, folder: Path) -> None:
    """A service starts from the wheel alone, runs a job and is stopped again."""
    jupyter = str(environment / "bin" / "jupyter")
    env = {**no_node(environment), "JUPYTER_AML_HOME": str(folder / "home")}
    job = folder / "job.yml"
    job.write_text("command: echo done by $JUPYTER_AML_JOB\ncompute: local\n")
    try:
        told = run(
            jupyter, "aml", "job", "create", str(job), "--name", "probe", "--stream", env=env
        )
        require("done by probe" in told, f"a job said something else: {told}")
    finally:
        run(jupyter, "aml", "service", "stop", "--force", env=env)
    print("A service starts, and a job of it ran.")


def plain(text: str) -> str:
    return " ".join(re.sub(r"\x1b\[\d*m", "", text).split())


def require(condition: object, message: str) -> None:
    if not condition:
        sys.exit(message)


def install(environment: Path, *what: str) -> None:
    constraints = ["--constraint", str(ROOT / "constraints.txt")]
    command = ["uv", "pip", "install", "--quiet", "--python", str(environment), *constraints, *what]
    run(*command, env=no_node(environment))


def distributions(environment: Path) -> dict[str, float]:
    """Name and size in megabytes of every distribution, as its RECORD lists it."""
    code = (
        "import importlib.metadata as m, json\n"
        "print(json.dumps({d.name.lower().replace('_', '-'): sum((f.locate().stat().st_size\n"
        "  for f in d.files or () if f.locate().exists()), 0) / 1e6 for d in m.distributions()}))"
    )
    return json.loads(run(str(environment / "bin" / "python"), "-c", code))


def no_node(environment: Path) -> dict[str, str]:
    """This process's variables, with a PATH on which there is no node."""
    kept = [
        folder
        for folder in os.environ["PATH"].split(os.pathsep)
        if not (Path(folder) / "node").exists()
    ]
    uv = str(ROOT / ".venv" / "bin")  # uv lives beside a `node` of ours; keep uv alone
    variables = {k: v for k, v in os.environ.items() if k != "VIRTUAL_ENV"}
    return {
        **variables,
        "PATH": os.pathsep.join([str(environment / "bin"), *(f for f in kept if f != uv)]),
        "JUPYTER_CONFIG_DIR": str(environment / "config"),
        "JUPYTER_DATA_DIR": str(environment / "data"),
    }


def run(*command: str, env: dict[str, str] | None = None) -> str:
    if command[0] == "uv":
        command = (str(ROOT / ".venv" / "bin" / "uv"), *command[1:])
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


if __name__ == "__main__":
    main(Path(sys.argv[1]))
