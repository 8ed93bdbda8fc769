"""Write the list of Azure's operations that the compatible API measures itself against.

    python tools/arm_operations.py SPECIFICATION.json

`SPECIFICATION` is a dump of the API with ``apiVersion`` and ``operations`` (id, method, path).
Only for a new API version: the list is committed, nothing else needs the dump.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

TARGET = Path(__file__).parent.parent / "jupyter_aml/service/arm/operations.json"


def main(source: str) -> None:
    dump = json.loads(Path(source).read_text())
    rows = sorted((o["id"], o["method"], o["path"]) for o in dump["operations"] if o.get("path"))
    lines = ",\n".join(
        json.dumps({"id": name, "method": method, "path": path}) for name, method, path in rows
    )
    version = json.dumps(dump["apiVersion"])
    TARGET.write_text(f'{{"apiVersion": {version}, "operations": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main(sys.argv[1])
