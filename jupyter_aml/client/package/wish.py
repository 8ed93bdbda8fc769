"""What is to be packed, and how."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.registry import Model

Kind = Literal["score", "mlflow", "callable"]


@dataclass(frozen=True)
class Wish:
    """One call of ``model package``. `make` checks it before it writes anything."""

    model: Model
    output: Path
    code: Path | None = None
    """The folder of the person's own scoring script; None has one written."""
    script: str = "score.py"
    sample: str = ""
    """A request as JSON; "" is the one that the model was registered with."""
    prove: bool = True

    @property
    def request(self) -> str:
        return self.sample or self.model.sample

    @property
    def kind(self) -> Kind:
        """How the model is loaded. Raise `Invalid` where only a script of the person's knows."""
        if self.code is not None:
            return "score"
        if self.model.type == "mlflow_model":
            return "mlflow"
        if "python_object" in self.model.flavors:
            return "callable"
        raise Invalid(
            f"{self.model.name} is files, which only a script of yours can load.",
            target="--code",
            hint="Name the folder that holds it: --code FOLDER, with a score.py in it.",
        )

    @property
    def python_version(self) -> str:
        """Major and minor of the Python that the model was saved with; "" where nobody noted it."""
        return ".".join(self.model.properties.get("python_version", "").split(".")[:2])
