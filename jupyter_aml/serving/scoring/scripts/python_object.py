"""Scoring script of a Python object that was deployed as it is. Yours to change.

`model.pkl` in the model folder is the object. One with `predict` is asked for predictions; anything
else is called. A request is JSON:

    {"data": [[5.1, 3.5, 1.4, 0.2]]}                 rows ("input_data", "inputs" do as well)
    {"data": {"columns": [...], "data": [[...]]}}    a table, as pandas' orient="split"
    {"text": "...", "n": 3}                          arguments of a function, by name
"""

import inspect
import json
import os
import pickle

_names = ()


def init():
    """Once, when the process starts."""
    global model, _names
    path = os.path.join(os.environ["AZUREML_MODEL_DIR"], "model.pkl")
    with open(path, "rb") as file:
        model = pickle.load(file)
    if not hasattr(model, "predict"):
        try:
            _names = tuple(inspect.signature(model).parameters)
        except (TypeError, ValueError):
            _names = ()  # written in C: it gets the data alone


def run(data):
    """For each request: its body as text. What is returned is answered as JSON."""
    request = json.loads(data)
    if hasattr(model, "predict"):
        return plain(model.predict(rows(request)))
    if isinstance(request, dict) and request and set(request) <= set(_names):
        return plain(model(**request))
    return plain(model(rows(request)))


def run_batch(requests):
    """With micro-batching: all requests that came together, one `predict` for their rows."""
    if not hasattr(model, "predict"):
        return [each(data) for data in requests]
    tables = [rows(json.loads(data)) for data in requests]
    if not all(isinstance(table, list) and table for table in tables):
        return [each(data) for data in requests]
    predicted = plain(model.predict([row for table in tables for row in table]))
    answers, start = [], 0
    for table in tables:
        answers.append(predicted[start : start + len(table)])
        start += len(table)
    return answers


def each(data):
    """One request of a batch; its failure is its own."""
    try:
        return run(data)
    except Exception as error:  # whatever the model raises is the answer of this one
        return error


def rows(request):
    """What the model gets: the rows without their wrapping, a table as pandas has it."""
    if isinstance(request, dict):
        for name in ("data", "input_data", "inputs"):
            if set(request) == {name}:
                request = request[name]
                break
    if isinstance(request, dict) and {"columns", "data"} <= set(request):
        import pandas

        return pandas.DataFrame(request["data"], request.get("index"), request["columns"])
    return request


def plain(value):
    """As JSON can say it: arrays become lists, tables become records."""
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        return value.to_dict(orient="records")
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    return value
