"""Errors on stderr, and exit codes: scripts rely on both (``docs/user/cli.md``)."""

from __future__ import annotations

import sys

import msgspec

from jupyter_aml.cli.typed import typed, typed_document
from jupyter_aml.grammar.layout import clean, encodable
from jupyter_aml.model.errors import AmlError, JobCanceled, NotFound, Unavailable
from jupyter_aml.model.job_document import error_document

REFUSED = 1
NOT_FOUND = 3
NOT_RUNNING = 4
CANCELED = 5
INTERRUPTED = 130
PIPE_CLOSED = 141
"""128 + SIGPIPE, as a shell reports a program whose reader went away."""


def exit_code(error: AmlError) -> int:
    if isinstance(error, NotFound):
        return NOT_FOUND
    if isinstance(error, Unavailable):
        return NOT_RUNNING
    return CANCELED if isinstance(error, JobCanceled) else REFUSED


def print_error(error: AmlError, output: str) -> None:
    """`error` on stderr: what, where, how to fix it; as a document where one was asked for."""
    document = typed_document({"error": error_document(error.body())})
    if output == "json":
        text = msgspec.json.format(msgspec.json.encode(document), indent=2).decode()
    elif output == "yaml":
        import yaml

        text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True).rstrip()
    else:
        text = _for_people(error)
    encoding = sys.stderr.encoding or "utf-8"
    print(encodable(text, encoding), file=sys.stderr, flush=True)


def _for_people(error: AmlError) -> str:
    hint = typed(error.hint)
    lines = [f"Error: {error.message}"]
    lines += [f"Where: {error.target}"] if error.target else []
    lines += [f"Fix: {hint}"] if hint else []
    lines += ["", *error.details] if error.details else []
    return clean("\n".join(line.rstrip() for line in lines))
