"""Kinds of jobs, steps and components of Azure ML that are not run here, and what to do instead.

Job files (`client.jobfile` and its kin) and the compatible API (`service.arm`) refuse them in these
words, before anything is made.
"""

from __future__ import annotations

from jupyter_aml.model.errors import Invalid

_LOOP = "Give each item or round a step of its own, or write the loop into the step's script"
_TRAINING = "Write the training as a command, or search its parameters with a sweep"
_COPY = "Register the data and give it as an input, or copy the files in a command"

INSTEAD = {
    "automl": f"{_TRAINING}.",
    "data_transfer": f"{_COPY}.",
    "do_while": f"{_LOOP}.",
    "finetuning": f"{_TRAINING}.",
    "import": f"{_COPY}.",
    "labeling": "Label elsewhere, and register the labels as a data asset.",
    "parallel_for": f"{_LOOP}; files are gone through by a step of the type parallel.",
    "spark": "Write it as a command; pyspark in its environment runs on one node.",
    "flow": "Run the flow by its own command line, in a command.",
}
"""By kind."""


def refusal(what: str, kind: str, target: str) -> Invalid | None:
    """Why `kind`, a type as it was written, is refused; None where it is none of these.

    `what` is "Jobs", "Steps" or "Components".
    """
    name = kind.lower()
    known = "data_transfer" if name.startswith("data_transfer") else name
    if known not in INSTEAD:
        return None
    return Invalid(
        f"{what} of the type {name} are not run here.", target=target, hint=INSTEAD[known]
    )
