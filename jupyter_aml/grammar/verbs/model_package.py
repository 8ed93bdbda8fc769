"""``model package``: a model as a folder that runs on another machine or an edge device."""

from __future__ import annotations

from jupyter_aml.grammar import options
from jupyter_aml.grammar.kinds import FOLDER, TEXT
from jupyter_aml.grammar.language import Call, Option, Verb
from jupyter_aml.grammar.result import Result
from jupyter_aml.grammar.verbs.asset import named
from jupyter_aml.grammar.views import package as view


def _package(call: Call) -> Result:
    model = call.client.models.get(*named(call))
    sample = call["sample"]
    made = call.surface.machine.package_model(
        model,
        call["folder"] or f"{model.name}-package",
        code=call["code"] or "",
        script=call["script"] or "score.py",
        sample=call.surface.sample(sample) if sample else "",
        prove=not call["no_proof"],
        say=call.surface.note if call.surface.watched else _unheard,
    )
    return view.shown(made, begin=f"cd {made.folder} && python serve.py")


def _unheard(_line: str) -> None:
    """Nobody looks on."""


PACKAGE = Verb(
    name="package",
    summary="Write a folder that serves the model elsewhere, and prove that it works.",
    details=(
        "The folder holds the model, its scoring script, pinned requirements, a server that needs "
        "the standard library alone, a Dockerfile, an Azure IoT Edge deployment, and an ONNX "
        "export where the model allows it. It is then booted in a clean environment, and its "
        "answer to the model's sample compared with the one that it gives here."
    ),
    run=_package,
    options=(
        options.name_of("model", "Its name, or name:version."),
        Option(flags=("--version", "-v"), help="Its version; by default the newest."),
        Option(
            flags=("--download-path", "-p"),
            kind=FOLDER,
            key="folder",
            help="The folder to write; by default NAME-package. A package there is replaced.",
        ),
        Option(
            flags=("--code",),
            kind=FOLDER,
            help="The folder of your own scoring script; by default one is written.",
        ),
        Option(flags=("--script",), kind=TEXT, help="The script in it; by default score.py."),
        Option(
            flags=("--sample",),
            help="The request to prove it with, X_test[:5]; in a terminal a JSON file. By default "
            "the one that the model was registered with.",
        ),
        Option(flags=("--no-proof",), kind=None, help="Only write it."),
    ),
    examples=(
        "model package digits",
        "model package digits:2 --download-path edge --code scoring",
    ),
)
