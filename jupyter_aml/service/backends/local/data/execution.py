"""What a job's data needs before it starts and after it has ended. Everything here blocks."""

from __future__ import annotations

import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from jupyter_aml.model.errors import Unavailable
from jupyter_aml.model.job import Input, Output
from jupyter_aml.service.backends.local.data.places import (
    file_name,
    input_folder,
    is_web,
    output_goal,
)
from jupyter_aml.service.data import mltable

_TIMEOUT = 30.0
"""Seconds in which the server of an http(s) input has to send something."""


def lay_out(inputs: Mapping[str, Input], folder: Path) -> None:
    """Make the copies of `places.laid_out`; what an attempt before left of them goes."""
    for name, value in inputs.items():
        own = input_folder(folder, name)
        shutil.rmtree(own, ignore_errors=True)
        own.mkdir(parents=True, mode=0o700)
        if is_web(value.path):
            _download(value.path, own / file_name(value.path))
        elif value.mode.startswith("eval"):
            _evaluate(Path(value.path), own, copies=value.mode == "eval_download")
        else:
            _copy(Path(value.path), own)


def drop_copies(folder: Path) -> None:
    """The job has ended: its copies of inputs take no room any more."""
    shutil.rmtree(folder / "inputs", ignore_errors=True)


def keep_artifacts(work: Path, own: Path) -> None:
    """What a job leaves by itself, as its output `own`: its folders ``outputs`` and ``logs``."""
    for name in ("outputs", "logs"):
        if (work / name).is_dir():
            shutil.copytree(work / name, own / name, symlinks=True, dirs_exist_ok=True)


def upload(output: Output, folder: Path, own: Path) -> None:
    """Copy what the job wrote in its folder to where it was asked for."""
    goal = Path(output_goal(folder, output))
    goal.parent.mkdir(parents=True, exist_ok=True)
    if own.is_dir():
        shutil.copytree(own, goal, dirs_exist_ok=True, symlinks=True)
    elif own.is_file():
        unfinished = goal.with_name(f".{goal.name}.{folder.name}.part")
        shutil.copyfile(own, unfinished)
        unfinished.replace(goal)


def _copy(source: Path, own: Path) -> None:
    """Files of its own, which it may change: those of the store are read-only."""
    if source.is_dir():
        shutil.copytree(source, own, dirs_exist_ok=True)
    else:
        shutil.copy2(source, own / source.name)
    for path in (own, *own.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | 0o600)


def _evaluate(source: Path, own: Path, *, copies: bool) -> None:
    """The files that the MLTable selects, under the paths that they have in its folder."""
    whole = source.resolve()
    for path in mltable.read(source).files():
        goal = own / path.relative_to(whole)
        goal.parent.mkdir(parents=True, exist_ok=True)
        if copies or os.name == "nt":  # Windows makes links for administrators only
            shutil.copyfile(path, goal)
        elif not goal.exists():
            goal.symlink_to(path)


def _download(url: str, goal: Path) -> None:
    """Raises `Unavailable` with what the server said."""
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT) as answer, goal.open("wb") as stream:  # noqa: S310 - http(s) only
            shutil.copyfileobj(answer, stream)
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        is_answer = isinstance(error, urllib.error.HTTPError)
        why = f"HTTP status {error.code}" if is_answer else getattr(error, "reason", None) or error
        raise Unavailable(
            f"{url.partition('?')[0]} cannot be read: {why}.",
            target="inputs",
            hint="Mend the address, or copy the file to this machine.",
        ) from None
