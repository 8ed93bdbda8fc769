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
            ),
            Sign(
                exception="AttributeError|PicklingError",
                says=r"Can't (?:pickle|get) local object '(?P<local>[^']+)'",
            ),
            Sign(exception="PicklingError", says=r"Can't pickle (?P<value>.{1,80}?)(?::|$)"),
            Sign(
                exception="AttributeError",
                says=r"Can't get attribute '(?P<name>\w+)' on <module '__main__'",
            ),
            Sign(exception="CannotTravel"),
        ),
        causes=(
            "A {kind} cannot be pickled, so it cannot go to another process",
            "{local} cannot be pickled: it is defined inside a function",
            "{value} cannot be pickled, so it cannot go to another process",
            "The pickle needs {name}, which the program that wrote it defined itself",
            "A value cannot be pickled, so it cannot go to another process",
        ),
        ways=(
            Way(
                "Go to line {line}: make it inside the function that uses it", "open", "cell:{line}"
            ),
            Way("Read what can travel", "open", "docs:cells"),
        ),
    ),
)
