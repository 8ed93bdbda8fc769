"""Tab completion on ``%aml`` and ``%%aml`` lines; `extension` hands it the line."""

from __future__ import annotations

from typing import Any

from IPython.core.completer import SimpleCompletion

from jupyter_aml.client.client import client_of
from jupyter_aml.client.home import service_home
from jupyter_aml.grammar import complete


def completions(shell: Any, line: str) -> dict[str, Any]:
    """What may come at the end of `line`, as IPython's completer wants it.

    Never raises, and never starts a service: to complete is not to ask for anything.
    """
    # The word under the cursor as a shell sees it: IPython's own ends at a dash.
    fragment = "" if line[-1:].isspace() else line.split()[-1]
    client = client_of(service_home(), start=False)
    try:
        words = complete(fragment, line.lstrip(), client, shell.user_ns)
    finally:
        client.close()
    return {
        "completions": [SimpleCompletion(text=word, type="aml") for word in words],
        "matched_fragment": fragment,
        "suppress": True,
    }
