"""``notebook``: the file on disk, and what its cells showed while nobody had it open."""

from __future__ import annotations

import msgspec

from jupyter_aml.grammar import options, phrases
from jupyter_aml.grammar.language import Call, Noun, Verb
from jupyter_aml.grammar.result import Column, Result, Table


def _fill(call: Call) -> Result:
    filled = call.surface.machine.fill_notebook(call.client, call["file"])
    columns = [Column(title="Cell", right=True), Column(title="Job"), Column(title="Outputs")]
    rows = [[str(cell.number), cell.job, cell.what] for cell in filled.cells]
    count = sum(cell.what == "filled" for cell in filled.cells)
    notes = [f"Filled {phrases.plural(count, 'cell')} of {filled.path}."] if count else []
    return Result(
        value=filled,
        document=msgspec.structs.asdict(filled)
        | {"cells": [msgspec.structs.asdict(cell) for cell in filled.cells]},
        parts=[Table(columns=columns, rows=rows, empty="No cell of it has run as a job here.")],
        notes=notes,
    )


NOTEBOOK = Noun(
    name="notebook",
    summary="A saved notebook, and the outputs of its jobs.",
    verbs=(
        Verb(
            name="fill",
            summary="Write the outputs of finished jobs into the saved file.",
            details=(
                "For a notebook that was closed while its cells ran. A cell that was changed since "
                "or has other output is left as it is. The file is replaced as a whole."
            ),
            run=_fill,
            options=(options.file("The notebook's file.", positional=True, required=True),),
            examples=("notebook fill train.ipynb",),
        ),
    ),
)
