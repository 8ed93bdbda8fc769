"""A package as people read it."""

from __future__ import annotations

from jupyter_aml.grammar import phrases
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.result import Record, Result
from jupyter_aml.model.package import ModelPackage

_WORDS = {
    "proven": "Proven",
    "booted": "It comes up",
    "failed": "Failed",
    "skipped": "Not asked for",
}


def shown(made: ModelPackage, *, begin: str) -> Result:
    """What was written and how it was proven; exit code 1 where the proof failed."""
    fields = [
        ("Folder", made.folder),
        ("Python", made.python),
        ("Size", f"{phrases.size(made.bytes)} in {phrases.plural(made.files, 'file')}"),
        ("ONNX", made.onnx_note),
        ("Proof", f"{_WORDS[made.proof]}. {made.proof_note}"),
        ("", "\n".join(made.details)),
    ]
    has_failed = made.proof == "failed"
    mend = f"Mend what lies in {made.folder}, then try it: {begin}"
    return Result(
        value=made,
        document=document(made),
        parts=[Record(fields=fields, title=f"{made.model}, packed")],
        notes=[mend if has_failed else f"To serve it: {begin}"],
        exit_code=int(has_failed),
    )
