"""Scoring script of an MLflow model that was deployed without code. Yours to change.

A request is JSON, as Azure ML's: `{"input_data": X}` where X is a table `{"columns", "data"}`, a
list (a tensor), or an object of lists (named tensors); with `"params"` beside it. MLflow's forms
(`dataframe_split`, `dataframe_records`, `instances`, `inputs`) are taken too, and then answered as
MLflow answers: `{"predictions": ...}`.
"""

import json
import os

import mlflow.pyfunc
import numpy
import pandas
from mlflow.exceptions import MlflowException

_OWN = ("dataframe_split", "dataframe_records", "instances", "inputs")


class Malformed(ValueError):
    """The request is not one of the forms; answered with status 400."""


def init():
    """Once, when the process starts."""
    global model
    model = mlflow.pyfunc.load_model(folder(os.environ["AZUREML_MODEL_DIR"]))


def folder(root):
    """The folder with the file MLmodel: the model folder itself, or one in it."""
    folders = [root, *(entry.path for entry in os.scandir(root) if entry.is_dir())]
    for each in folders:
        if os.path.isfile(os.path.join(each, "MLmodel")):
            return each
    raise FileNotFoundError(f"There is no file MLmodel in {root}, or in a folder of it.")


def run(data):
    """For each request: its body as text. What is returned is answered as JSON."""
    try:
        request = parsed(data)
        name = next((name for name in ("input_data", *_OWN) if name in request), None)
        if name is None:
            raise Malformed(f"Expected one of 'input_data', {', '.join(map(repr, _OWN))}.")
        table = table_of(name, request[name])
    except Malformed as error:
        return refusal(str(error))
    try:
        predicted = plain(predict(table, request.get("params")))
    except MlflowException as error:
        if error.error_code in ("INVALID_PARAMETER_VALUE", "BAD_REQUEST"):
            return refusal(error.message)  # the signature's word on the input
        raise
    return predicted if name == "input_data" else {"predictions": predicted}


def predict(table, params):
    """Ask the model; `params` are those of its signature."""
    return model.predict(table) if params is None else model.predict(table, params=params)


def parsed(data):
    """The request as an object."""
    try:
        request = json.loads(data)
    except ValueError as error:
        raise Malformed(f"The body is not JSON: {error}") from error
    if not isinstance(request, dict):
        raise Malformed("The body must be a JSON object.")
    return request


def table_of(name, value):
    """What the model gets, as its signature names the types."""
    try:
        if name == "dataframe_records" or is_records(value):
            return typed(pandas.DataFrame.from_records(value))
        if (
            isinstance(value, dict)
            and "data" in value
            and name in ("input_data", "dataframe_split")
        ):
            return typed(pandas.DataFrame(value["data"], value.get("index"), value.get("columns")))
        if name == "dataframe_split":
            raise Malformed("'dataframe_split' must be an object with 'columns' and 'data'.")
        if isinstance(value, dict):
            return columns_or_tensors(value)
        return named(numpy.asarray(value))
    except (TypeError, ValueError) as error:
        raise Malformed(f"{name!r} is not what this model takes: {error}") from error


def columns_or_tensors(value):
    """An object of lists: the columns of a table, or named tensors, as the signature has it."""
    schema = model.metadata.get_input_schema()
    if schema is None or schema.is_tensor_spec():
        return {key: numpy.asarray(part) for key, part in value.items()}
    return typed(pandas.DataFrame(value))


def is_records(value):
    """A list of objects: rows by the names of their columns."""
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def named(array):
    """An array for a model with named columns is a table of those columns."""
    schema = model.metadata.get_input_schema()
    if schema is None or schema.is_tensor_spec() or not schema.has_input_names():
        return array if schema is None or not schema.is_tensor_spec() else cast(array, schema)
    return typed(pandas.DataFrame(array, columns=schema.input_names()))


def cast(array, schema):
    """JSON has one kind of number; the signature says which it is."""
    return array.astype(schema.numpy_types()[0]) if len(schema.inputs) == 1 else array


def typed(table):
    """The columns in the types of the signature, where it has some."""
    schema = model.metadata.get_input_schema()
    if schema is None or schema.is_tensor_spec() or not schema.has_input_names():
        return table
    for column in schema.inputs:
        if column.name in table and hasattr(column.type, "to_pandas"):
            table[column.name] = table[column.name].astype(column.type.to_pandas())
    return table


def refusal(message):
    """Status 400 with the reason."""
    from azureml.contrib.services.aml_response import AMLResponse

    return AMLResponse({"message": message}, 400, json_str=True)


def plain(value):
    """As JSON can say it."""
    if isinstance(value, pandas.DataFrame):
        return json.loads(str(value.to_json(orient="records", date_format="iso")))
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    return value
