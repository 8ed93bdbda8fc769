"""Write a package, whole or not at all, and prove it."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from jupyter_aml.client.package import clean, content, edge, onnx_export, proof, texts
from jupyter_aml.client.package.wish import Wish
from jupyter_aml.model.errors import AmlError, Conflict, StorageFull
from jupyter_aml.model.package import ModelPackage

Say = Callable[[str], None]
"""Told what is being done, a line at a time."""
MakeEnvironment = Callable[[str, Path, Path], str]
"""`clean.make`; tests have another."""

_MANIFEST = "package.json"


def make(wish: Wish, say: Say, *, make_environment: MakeEnvironment = clean.make) -> ModelPackage:
    """Write the folder and prove it; a proof that fails is in what is returned, not raised.

    Raise `Conflict` if something else lies at the output, `Invalid` for a model that needs a
    script, `StorageFull` where nothing can be written. A package that was there is replaced.
    """
    _ = wish.kind  # refused before anything is written
    _check_output(wish.output)
    python = _python(wish)
    unfinished = wish.output.with_name(f".{wish.output.name}.{os.getpid()}")
    try:
        unfinished.mkdir(parents=True)
        try:
            made = _write(wish, unfinished, python, say)
            _put_in_place(unfinished, wish.output)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    except OSError as error:
        raise StorageFull(
            f"The package cannot be written: {error.strerror or error}.",
            target=error.filename or str(wish.output),
            hint="Name another folder: --download-path FOLDER",
        ) from error
    if wish.prove:
        made = _proven(wish, made, python, say, make_environment)
    return _measured(wish, made)


def _check_output(output: Path) -> None:
    is_ours = (output / _MANIFEST).is_file() and (output / "serve.py").is_file()
    is_free = not output.exists() or (output.is_dir() and not any(output.iterdir()))
    if not (is_ours or is_free):
        raise Conflict(
            f"{output} is there already, and is no package.",
            target="--download-path",
            hint="Name a folder that is not there: --download-path FOLDER",
        )


def _python(wish: Wish) -> str:
    """The interpreter that the model was made with; "" once that is gone."""
    return wish.model.python if shutil.which(wish.model.python or "") else ""


def _version(wish: Wish) -> str:
    return wish.python_version or ".".join(platform.python_version_tuple()[:2])


def _write(wish: Wish, folder: Path, python: str, say: Say) -> ModelPackage:
    say(f"Copying {wish.model.name}:{wish.model.version}")
    version = _version(wish)
    model_dir = content.copy_model(wish, folder)
    content.copy_code(wish, folder)
    content.copy_server(folder)
    _text(folder / _MANIFEST, texts.pretty(texts.manifest(wish, version, model_dir)))
    lines = content.requirements(wish)
    _text(folder / "requirements.txt", "".join(f"{line}\n" for line in lines))
    _text(folder / "Dockerfile", texts.dockerfile(version))
    _text(folder / ".dockerignore", "env\n__pycache__\ndeployment.json\nREADME.md\n")
    manifest = edge.deployment(texts.module(wish), texts.image(wish), texts.PORT)
    _text(folder / "deployment.json", texts.pretty(manifest))
    if wish.request:
        _text(folder / "sample.json", wish.request)
    written, note = False, "No ONNX export: the interpreter that the model was made with is gone."
    if python:
        say("Looking for an ONNX export")
        written, note = onnx_export.export(wish, folder, model_dir, python)
    return ModelPackage(
        folder=str(wish.output),
        model=f"{wish.model.name}:{wish.model.version}",
        kind=wish.kind,
        python=version,
        files=0,
        bytes=0,
        onnx=written,
        onnx_note=note,
        proof_note="Whether it answers elsewhere is not known.",
    )


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _put_in_place(unfinished: Path, output: Path) -> None:
    """The package of before is out of the way for a moment, and back if that fails."""
    if not output.exists():
        unfinished.rename(output)
        return
    before = output.with_name(f"{unfinished.name}.before")
    output.rename(before)
    try:
        unfinished.rename(output)
    except OSError:
        before.rename(output)
        raise
    shutil.rmtree(before, ignore_errors=True)


def _proven(
    wish: Wish, made: ModelPackage, python: str, say: Say, make_environment: MakeEnvironment
) -> ModelPackage:
    """Boot it in a clean environment, and compare its answer with the one it gives here."""
    folder = wish.output
    try:
        with tempfile.TemporaryDirectory(prefix="jaml-package-") as place:
            say("Installing its requirements in a clean environment")
            base = python or made.python
            there = make_environment(base, folder / "requirements.txt", Path(place) / "env")
            say("Booting it there")
            answer = proof.ask(folder, there, wish.request)
        expected = proof.ask(folder, python, wish.request) if python and wish.request else None
    except AmlError as error:
        return msgspec.structs.replace(
            made, proof="failed", proof_note=error.message, details=list(error.details)
        )
    return msgspec.structs.replace(made, **_judged(answer, expected, has_sample=bool(wish.request)))


def _judged(
    answer: proof.Answer, expected: proof.Answer | None, *, has_sample: bool
) -> dict[str, object]:
    """What the answers prove."""
    if answer.status >= 300:
        words = f"In a clean environment it answers {answer.status}: {str(answer.value)[:300]}"
        return {"proof": "failed", "proof_note": words}
    if not has_sample:
        words = "It comes up in a clean environment. Its answers were not compared: no sample."
        return {"proof": "booted", "proof_note": words}
    if expected is None:
        words = "It answers the sample in a clean environment; there was nothing to compare with."
        return {"proof": "booted", "proof_note": words}
    if expected.status != answer.status or not proof.same(answer.value, expected.value):
        return {
            "proof": "failed",
            "proof_note": "In a clean environment it answers the sample otherwise than here.",
            "details": [f"there: {str(answer.value)[:300]}", f"here: {str(expected.value)[:300]}"],
        }
    words = "In a clean environment it gives the answer to the sample that it gives here."
    return {"proof": "proven", "proof_note": words}


def _measured(wish: Wish, made: ModelPackage) -> ModelPackage:
    """With the README, which tells how it was proven."""
    words = "\n".join([made.proof_note, *(f"    {line}" for line in made.details)])
    text = texts.readme(wish, made.python, has_onnx=made.onnx, proof=words)
    _text(wish.output / "README.md", text)
    files, size = content.measure(wish.output)
    return msgspec.structs.replace(made, files=files, bytes=size)
