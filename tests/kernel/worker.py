"""A job's process, as small as can be: runs one cell job as the contract says.

``python worker.py FOLDER < task.json`` prints what happened as JSON; run by `conftest.run_python`.
"""

from __future__ import annotations

import ast
import base64
import contextlib
import io
import json
import mmap
import pickle
import sys
import traceback
import types
from pathlib import Path

import cloudpickle


def buffers(segment):
    if not segment:
        return []
    with open(segment["path"], "rb") as file:
        view = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
    found, at = [], 0
    for length in segment["lengths"]:
        found.append(view[at : at + length])
        at = -(-(at + length) // 64) * 64
    return found


def run(task, namespace):
    for statement in task["variables"]["imports"]:
        exec(statement, namespace)
    data = base64.b64decode(task["variables"]["pickle"])
    if data:
        segment = task["variables"].get("segment")
        namespace.update(pickle.loads(data, buffers=buffers(segment)))
    tree = ast.parse(task["source"])
    last = tree.body[-1]
    value = None
    if isinstance(last, ast.Expr):
        tree.body.pop()
        exec(compile(tree, "<cell>", "exec"), namespace)
        value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), namespace)
    else:
        exec(compile(tree, "<cell>", "exec"), namespace)
    return value


def main() -> None:
    folder, task = Path(sys.argv[1]), json.load(sys.stdin)
    main_module = types.ModuleType("__main__")
    sys.modules["__main__"] = main_module
    namespace = main_module.__dict__
    before = set(namespace)
    sys.path.insert(0, task.get("cwd") or task.get("code") or "")
    printed = io.StringIO()
    told = {"error": None, "shown": None}
    left = {"variables": {}, "exception": None}
    with contextlib.redirect_stdout(printed):
        try:
            value = run(task, namespace)
            if value is not None:
                told["shown"] = repr(value)
                left["value"] = value
        except BaseException as error:  # whatever the cell raises is its result
            left["exception"] = error
            told["error"] = {
                "ename": type(error).__name__,
                "evalue": str(error),
                "traceback": ["remote traceback", traceback.format_exc()],
            }
    wanted = task.get("collect")
    sent = set(task["variables"]["names"])
    names = wanted if wanted is not None else [n for n in namespace if n not in before | sent]
    if wanted is None:
        bound = {
            n.id
            for n in ast.walk(ast.parse(task["source"]))
            if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }
        names = list(dict.fromkeys([*names, *(n for n in bound if n in namespace)]))
    kept, out = {}, []
    for name in names:
        if name not in namespace:
            kept[name] = "the cell did not set it"
        elif not isinstance(namespace[name], types.ModuleType) and name[0] != "_":
            try:
                cloudpickle.dumps(namespace[name])
                left["variables"][name] = namespace[name]
            except Exception as error:  # whatever a foreign __reduce__ raises
                kept[name] = f"it cannot be pickled: {error}"

    def keep(buffer):
        if buffer.raw().nbytes < 1 << 20:
            return True
        out.append(buffer.raw())
        return False

    data = io.BytesIO()
    cloudpickle.CloudPickler(data, protocol=5, buffer_callback=keep).dump(left)
    (folder / "result.pkl").write_bytes(bytes(32) + data.getvalue())
    lengths, at = [], 0
    with (folder / "result.buf").open("wb") as file:
        for view in out:
            file.seek(at)
            file.write(view)
            lengths.append(view.nbytes)
            at = -(-(at + view.nbytes) // 64) * 64
    sizes = {n: len(cloudpickle.dumps(v)) for n, v in left["variables"].items()}
    told["stdout"] = printed.getvalue()
    told["result"] = {
        "names": sizes,
        "kept": kept,
        "lengths": lengths,
        "path": str(folder / "result.pkl"),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
