"""The parts of this folder as programs: ``score``, ``router`` and ``serve``.

Reached by `boot.py`. A part is loaded only when it is asked for: a scoring process must not need
what the router imports.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence

from .settings import ConfigError

_USAGE = "usage: boot.py score CONFIG | router CONFIG | serve CONFIG [HOST:PORT]"


def main(arguments: Sequence[str]) -> int:
    """The exit code of the part (contracts.md); 4 for arguments or a config that are wrong."""
    part = _part(arguments[0]) if arguments else None
    if part is None or len(arguments) < 2:
        print(_USAGE, file=sys.stderr)
        return 4
    try:
        return part(arguments[1:])
    except ConfigError as error:
        text = {"error": {"code": "BadConfig", "message": str(error)}}
        print(json.dumps(text), file=sys.stderr)
        return 4


def _part(name: str) -> Callable[[Sequence[str]], int] | None:
    if name == "score":
        from .scoring import process as score

        return score.main
    if name == "serve":
        from .scoring import serve

        return serve.main
    if name == "router":
        from .router import process as router

        return router.main
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
