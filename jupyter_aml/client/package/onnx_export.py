"""``model.onnx``: the model for runtimes that have no Python, where it can be one."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from jupyter_aml.client.package import clean
from jupyter_aml.client.package.wish import Wish

_SECONDS = 600.0


def export(wish: Wish, folder: Path, model_dir: str, python: str) -> tuple[bool, str]:
    """Write it into `folder`. Returns whether it was, and what is to be known, or why not.

    Done by the interpreter that the model was made with: only that one can load it.
    """
    described = wish.model.flavors.get("python_object")
    if "sklearn" not in wish.model.flavors or not described:
        return False, "There is no ONNX export of this kind of model; scikit-learn's have one."
    script = Path(__file__).with_name("onnx_script.py")
    pickle = folder / model_dir / str(described["file"])
    try:
        done = subprocess.run(
            [python, str(script), str(pickle), str(folder / "model.onnx")],
            input=wish.request,
            capture_output=True,
            env=clean.environment(os.environ),
            timeout=_SECONDS,
            check=False,
            text=True,
            errors="replace",
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return False, f"No ONNX export: {error}"
    try:
        told = json.loads(done.stdout.strip().splitlines()[-1])
    except (ValueError, IndexError):
        words = done.stderr.strip().splitlines() or ["the export ended without a word"]
        return False, f"No ONNX export: {words[-1]}"
    return bool(told["written"]), str(told["note"])
