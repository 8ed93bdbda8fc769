"""What may go through the declared inputs and outputs of components, refused in words."""

from __future__ import annotations

from typing import cast

from jupyter_aml.model.component import ComponentInput, ComponentSpec, PipelineComponent
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.nearest import nearest
from jupyter_aml.model.spec import Input, InputMode, InputType, InputValue, Literals

VALUES = frozenset({"string", "number", "integer", "boolean"})
_MODES = frozenset(
    {"ro_mount", "download", "direct", "eval_mount", "eval_download"}  # of `model.spec.InputMode`
)


def check_names(where: str, component: ComponentSpec, given: dict[str, InputValue]) -> None:
    """Refuse inputs that are not declared, and declared ones without a value."""
    # The SDK leaves untyped parameters of a pipeline function out of its declaration.
    if not isinstance(component, PipelineComponent):
        for name in given:
            if name not in component.inputs:
                known = ", ".join(component.inputs) or "none"
                raise Invalid(
                    f"The component has no input {name!r}.",
                    target=f"{where}.inputs.{name}",
                    hint=f"{nearest(name, list(component.inputs))}It has: {known}.",
                )
    for name, port in component.inputs.items():
        if name not in given and not port.optional and port.default is None:
            raise Invalid(
                f"The input {name} ({port.type}) has no value.",
                target=f"{where}.inputs.{name}",
                hint=f"Bind it: {name}: ${{{{parent.inputs.{name}}}}}, or give a value.",
            )


def check_value(where: str, port: ComponentInput, value: InputValue) -> InputValue:
    """`value` as the component gets it. Raises `Invalid`."""
    if port.type in VALUES:
        if isinstance(value, Input):
            raise Invalid(
                f"The input is a {port.type}, and cannot be data.", target=where, hint="Give it."
            )
        return _literal(where, port, value)
    if isinstance(value, str):
        value = Input(path=value)
    if not isinstance(value, Input):
        raise Invalid(
            f"The input is data ({port.type}), and cannot be {value!r}.",
            target=where,
            hint="Give it a type and a path, or bind it.",
        )
    return data(port, value.path, value)


def data(port: ComponentInput, path: str, told: Input | None = None) -> Input:
    """Data at `path` for `port`, in the mode that the step says, or the component."""
    kind = None if port.type == "path" else cast("InputType", port.type)
    mode = port.mode if port.mode in _MODES else "ro_mount"
    if told is not None:
        kind = told.type or kind
        mode = told.mode if told.mode != "ro_mount" else mode
    reference = told.reference if told is not None else ""
    return Input(path=path, type=kind, mode=cast("InputMode", mode), reference=reference)


def over(found: Input, told: Input) -> Input:
    """`found` in the type and mode that the binding `told` asks for."""
    mode = told.mode if told.mode != "ro_mount" else found.mode
    return Input(
        path=found.path, type=told.type or found.type, mode=mode, reference=found.reference
    )


def _literal(where: str, port: ComponentInput, value: Literals) -> Literals:
    number = None
    if port.type in ("number", "integer"):
        number = _number(where, port, value)
    elif port.type == "boolean" and str(value).lower() not in ("true", "false"):
        raise Invalid(f"{value!r} is no boolean.", target=where, hint="Write true or false.")
    if port.enum and str(value) not in port.enum:
        raise Invalid(
            f"{value!r} is none of the allowed values.",
            target=where,
            hint=f"They are: {', '.join(port.enum)}.",
        )
    if number is not None:
        _check_range(where, port, number)
    return value


def _number(where: str, port: ComponentInput, value: Literals) -> float:
    try:
        number = float(value)
    except ValueError:
        number = None
    wrong = number is None or isinstance(value, bool)
    if wrong or (port.type == "integer" and not cast("float", number).is_integer()):
        kind = "whole number" if port.type == "integer" else "number"
        raise Invalid(f"{value!r} is no {kind}.", target=where, hint=f"The input is a {port.type}.")
    return cast("float", number)


def _check_range(where: str, port: ComponentInput, number: float) -> None:
    low, high = _bound(port.min), _bound(port.max)
    if (low is not None and number < low) or (high is not None and number > high):
        least = "" if low is None else f"at least {low:g}"
        most = "" if high is None else f"at most {high:g}"
        rule = " and ".join(word for word in (least, most) if word)
        raise Invalid(f"{number:g} is out of range.", target=where, hint=f"It is {rule}.")


def _bound(value: Literals | None) -> float | None:
    try:
        return None if value is None else float(value)
    except ValueError:
        return None


def fits(given: str, wanted: str) -> bool:
    """Whether an output of the type `given` may go into an input of the type `wanted`."""
    if "path" in (given, wanted) or given == wanted:
        return True
    if given in VALUES:
        return wanted in VALUES
    if wanted in VALUES:
        return False
    either = {"custom_model", "mlflow_model", "triton_model"}  # a file, or a folder
    return bool({given, wanted} & either) or "uri_file" not in (given, wanted)
