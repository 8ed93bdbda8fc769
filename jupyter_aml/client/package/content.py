"""What is copied into a package: the model, the scoring script, and the server that runs it."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from jupyter_aml import _version
from jupyter_aml.client.package.wish import Wish
from jupyter_aml.model.errors import Invalid, NotFound

_SERVING = Path(_version.__file__).with_name("serving")
_PARTS = "__init__ __main__ begun boot created frame settings".split()
"""Files of the serving folder beside its scoring half; the router stays here."""
_SCRIPTS = {"mlflow": "mlflow_model.py", "callable": "python_object.py"}
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".git", ".ipynb_checkpoints")


def copy_model(wish: Wish, folder: Path) -> str:
    """Put the model below `folder`/model; return the path that is AZUREML_MODEL_DIR there."""
    source = Path(wish.model.local_path)
    target = folder / "model" / source.name
    if source.is_dir():
        shutil.copytree(source, target, ignore=_LEFT_OUT)
    elif source.is_file():
        target.parent.mkdir()
        shutil.copyfile(source, target)
    else:
        raise NotFound(
            f"The files of {wish.model.name}:{wish.model.version} are not on this machine.",
            target=wish.model.local_path,
            hint="Type it where the service runs.",
        )
    for path in (folder / "model").rglob("*"):
        path.chmod(path.stat().st_mode | 0o200)  # the registry's own copy is read-only
    return f"model/{source.name}" if wish.kind == "callable" else "model"


def copy_code(wish: Wish, folder: Path) -> None:
    """Put the scoring script at `folder`/code, the person's own or one that they can change."""
    code = folder / "code"
    if wish.code is None:
        code.mkdir()
        shutil.copyfile(_SERVING / "scoring" / "scripts" / _SCRIPTS[wish.kind], code / "score.py")
        return
    if not (wish.code / wish.script).is_file():
        raise Invalid(
            f"{wish.code} has no {wish.script}.",
            target="--code",
            hint="Name the folder that holds the scoring script, and it: --script NAME",
        )
    shutil.copytree(wish.code, code, ignore=_LEFT_OUT)


def copy_server(folder: Path) -> None:
    """Put the scoring server at `folder`/server: the standard library is all that it needs."""
    server = folder / "server"
    server.mkdir()
    for name in _PARTS:
        shutil.copyfile(_SERVING / f"{name}.py", server / f"{name}.py")
    shutil.copytree(_SERVING / "scoring", server / "scoring", ignore=_LEFT_OUT)
    shutil.copyfile(Path(__file__).with_name("serve_script.py"), folder / "serve.py")


def requirements(wish: Wish) -> list[str]:
    """What the model was registered with, then what the person's code asks for itself."""
    lines = list(wish.model.requirements)
    own = wish.code / "requirements.txt" if wish.code is not None else None
    if own is not None and own.is_file():
        lines += own.read_text(encoding="utf-8").splitlines()
    return list(dict.fromkeys(line.strip() for line in lines if line.strip()))


def measure(folder: Path) -> tuple[int, int]:
    """How many files there are, and how many bytes."""
    sizes = [path.stat().st_size for path in _files(folder)]
    return len(sizes), sum(sizes)


def _files(folder: Path) -> Iterable[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
