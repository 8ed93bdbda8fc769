"""The operations that Azure's specification knows, whether served here or not.

`operations.json` is made of the 2025-12-01 API by ``tools/arm_operations.py``: each line is an
operation's id, method and path.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.message import Request, Response
from jupyter_aml.service.arm.route import Route, Table

API_VERSION = "2025-12-01"


class SpecifiedOperation(msgspec.Struct, frozen=True):
    """One operation; `path` is a template with the specification's own field names."""

    id: str
    method: str
    path: str


class _File(msgspec.Struct):
    operations: list[SpecifiedOperation]


def load() -> list[SpecifiedOperation]:
    """All of them, in the order of their ids."""
    content = Path(__file__).with_name("operations.json").read_bytes()
    return msgspec.json.decode(content, type=_File).operations


class Specification:
    """Finds the name of what was asked for; made when somebody asks for what is not served."""

    def __init__(self, operations: list[SpecifiedOperation]) -> None:
        self._table = Table(Route(o.id, o.method, o.path, _never) for o in operations)

    @classmethod
    def load(cls) -> Specification:
        return cls(load())

    def find(self, method: str, path: str) -> str:
        """The operation's id, "" when the specification has none of that method and path."""
        found = self._table.find(method, path)
        return found[0].operation if found else ""


async def _never(_request: Request, _context: Context) -> Response:
    raise AssertionError("the specification's table names operations, it does not serve them")
