"""Values that cannot go to another process."""

from __future__ import annotations

from jupyter_aml.service.doctor.rule import Rule, Sign, Way

PICKLING = (
    Rule(
        name="unpicklable",
        summary="a value cannot be pickled",
        signs=(
            Sign(
                exception="TypeError|PicklingError",
                says=r"(?:cannot|can't) pickle '?(?P<kind>[\w.]+)'? objects?",
                cause="A {kind} cannot be pickled, so it cannot go to another process",
            ),
            Sign(
                exception="AttributeError|PicklingError",
                says=r"Can't (?:pickle|get) local object '(?P<local>[^']+)'",
                cause="{local} cannot be pickled: it is defined inside a function",
            ),
            Sign(
                exception="PicklingError",
                says=r"Can't pickle <function (?:\S+\.)?<lambda> at",
                cause="A lambda cannot be pickled, so it cannot go to another process",
            ),
            Sign(
                exception="PicklingError",
                says=r"Can't pickle <(?:function|class) '?(?P<value>[\w.<>]+?)'?(?: at 0x\w+)?>",
                cause="{value} cannot be pickled: it cannot be found again by its name",
            ),
            Sign(exception="PicklingError", says=r"Can't pickle"),
            Sign(
                exception="AttributeError",
                says=r"Can't get attribute '(?P<name>\w+)' on <module '__main__'",
                cause="The pickle needs {name}, which the program that wrote it defined itself",
            ),
            Sign(exception="CannotTravel"),
        ),
        causes=("A value cannot be pickled, so it cannot go to another process",),
        ways=(
            Way(
                "Go to line {line}: make it inside the function that uses it", "open", "cell:{line}"
            ),
        ),
    ),
)
