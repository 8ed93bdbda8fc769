"""`client.environments` over a dictionary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from jupyter_aml.model import environment
from jupyter_aml.model.errors import ErrorBody, NotFound
from tests.grammar.fake_compute import MOMENT


class FakeEnvironments:
    """A build takes one look: what was Building is how `builds_end` says by then."""

    def __init__(self) -> None:
        self.all: dict[str, environment.Environment] = {
            "kernel": environment.Environment(name="kernel", state="Succeeded", source="kernel")
        }
        self.asked: list[tuple[Any, ...]] = []
        self.builds_end = "Succeeded"

    def add(self, name: str, state: str = "NotBuilt", **fields: Any) -> environment.Environment:
        self.all[name] = environment.Environment(name=name, version="1", state=state, **fields)
        return self.all[name]

    def list(
        self, name: str = "", *, include_archived: bool = False
    ) -> environment.EnvironmentList:
        self.asked.append(("list", name, include_archived))
        return environment.EnvironmentList([*self.all.values()])

    def get(self, name: str, version: str = "") -> environment.Environment:
        self.asked.append(("get", name, version))
        if name not in self.all:
            raise NotFound(f"There is no environment {name!r}.", target=name)
        return self.all[name]

    def create(self, body: environment.CreateEnvironment) -> environment.Environment:
        self.asked.append(("create", body))
        return self.add(body.name, requirements=body.requirements, warnings=["x is not given."])

    def build(self, name: str, version: str = "") -> environment.Environment:
        self.asked.append(("build", name, version))
        found = self.get(name, version)
        return found if found.state == "Succeeded" else self._move(name, "Building")

    def _move(self, name: str, state: str, **fields: Any) -> environment.Environment:
        self.all[name] = msgspec.structs.replace(self.all[name], state=state, **fields)
        return self.all[name]

    def log(self, name: str, version: str = "") -> Iterator[environment.BuildLine]:
        yield environment.BuildLine(seq=1, time=MOMENT, text="-- installing")
        why = ErrorBody(code="EnvironmentFailed", message="There is no package x.", target="x")
        self._move(name, self.builds_end, error=why if self.builds_end == "Failed" else None)

    def cancel(self, name: str, version: str = "") -> environment.Environment:
        return self._move(name, "Canceled")

    def diff(
        self, name: str, body: environment.DiffEnvironment, version: str = ""
    ) -> environment.EnvironmentDiff:
        self.asked.append(("diff", name, body, version))
        rows = [
            environment.DiffRow(package=p, notebook=n, environment=e, status=s)
            for p, n, e, s in (
                ("numpy", "1.0", "2.0", "different"),
                ("pandas", "2.0", "2.0", "same"),
                ("tqdm", "4.0", "", "missing"),
                ("sphinx", "9.0", "", "missing"),
                ("wheel", "", "1.0", "extra"),
            )
        ]
        return environment.EnvironmentDiff(environment=f"{name}:1", rows=rows, complete=False)

    def archive(self, name: str, version: str = "") -> environment.Environment:
        return self._move(name, self.get(name).state, archived=True)

    def restore(self, name: str, version: str = "") -> environment.Environment:
        return self._move(name, self.get(name).state, archived=False)
