# pyright: basic, reportMissingImports=false
"""Export a scikit-learn model to ONNX. Run by path, by the interpreter that can load the model.

``onnx_script.py PICKLE OUTPUT``, a sample request as JSON on standard input; the last line it
prints is ``{"written": bool, "note": str}``. It needs nothing of ours.
"""

import contextlib
import io
import json
import pickle
import sys


def main(path, output):
    try:
        import skl2onnx
        from skl2onnx.common.data_types import FloatTensorType
    except ImportError as error:
        words = "install skl2onnx beside the model, and package it again"
        return False, f"No ONNX export: {words} ({error})."
    with open(path, "rb") as file:
        model = pickle.load(file)  # noqa: S301 - the person's own model
    rows = rows_of(sys.stdin.read())
    columns = getattr(model, "n_features_in_", None) or (len(rows[0]) if rows else None)
    if columns is None:
        return False, "No ONNX export: nobody knows how many columns the model takes."
    options = {id(model): {"zipmap": False}} if hasattr(model, "classes_") else None
    shape = [("input", FloatTensorType([None, int(columns)]))]
    try:
        made = skl2onnx.convert_sklearn(model, initial_types=shape, options=options)
    except Exception as error:  # any model may hold a step that it does not know
        return False, f"No ONNX export: {str(error).strip().splitlines()[0]}"
    with open(output, "wb") as file:
        file.write(made.SerializeToString())
    note = f"It takes float32 rows of {columns} columns as 'input'."
    return True, f"{note} {checked(output, model, rows)}"


def rows_of(text):
    """The rows of a sample request; [] where it is no plain table."""
    try:
        request = json.loads(text)
    except ValueError:
        return []
    for name in ("data", "input_data", "inputs"):
        if isinstance(request, dict) and name in request:
            request = request[name]
    is_table = isinstance(request, list) and request and isinstance(request[0], list)
    return request if is_table else []


def checked(output, model, rows):
    """Whether it answers as the model does, in words."""
    if not rows:
        return "There was no sample to compare it with."
    try:
        import numpy
        import onnxruntime
    except ImportError:
        return "It was not compared with the model: onnxruntime is not installed."
    session = onnxruntime.InferenceSession(output, providers=["CPUExecutionProvider"])
    table = numpy.asarray(rows, dtype=numpy.float32)
    found = numpy.asarray(session.run(None, {"input": table})[0]).reshape(-1)
    wanted = numpy.asarray(model.predict(table)).reshape(-1)
    is_number = numpy.issubdtype(wanted.dtype, numpy.floating)
    close = numpy.allclose(found, wanted, rtol=1e-3, atol=1e-4) if is_number else None
    agrees = close if close is not None else (found.astype(str) == wanted.astype(str)).all()
    if agrees:
        return f"It gives the model's answers to the {len(rows)} rows of the sample."
    return "Its answers to the sample differ from the model's: do not use it unseen."


if __name__ == "__main__":
    del sys.path[0]  # the folder of this file: its module names are ordinary words
    with contextlib.redirect_stdout(io.StringIO()):
        was_written, words = main(*sys.argv[1:])
    print(json.dumps({"written": bool(was_written), "note": words}))
