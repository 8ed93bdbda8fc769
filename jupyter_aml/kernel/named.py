"""What handles of jobs, models and endpoints have in common: their way to the service, their looks.

A handle is only a name: pickled, say into a job, it finds the thing again by it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from jupyter_aml.client.client import Client
from jupyter_aml.grammar import Result
from jupyter_aml.kernel.notebook import notebook_of
from jupyter_aml.kernel.shell import current_shell
from jupyter_aml.model.errors import AmlError


class Named(ABC):
    """Something of the service, by the words that its class is made with."""

    def __init__(self, client: Client | None) -> None:
        self._client = client

    @property
    def client(self) -> Client:
        """The way to the service; the notebook's own unless another was given."""
        if self._client is None:
            self._client = notebook_of(current_shell()).client
        return self._client

    @abstractmethod
    def _words(self) -> tuple[str, ...]:
        """Its name, and version where it has one: what ``__init__`` takes."""

    @abstractmethod
    def _result(self) -> Result:
        """As the verb ``show`` has it. Raises `AmlError` while it cannot be asked for."""

    def __reduce__(self) -> tuple[type[Named], tuple[str, ...]]:
        return type(self), self._words()

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other._words() == self._words()

    def __hash__(self) -> int:
        return hash(self._words())

    def __repr__(self) -> str:
        shown = self._shown()
        if shown is None:
            return f"{type(self).__name__}({', '.join(map(repr, self._words()))})"
        return str(shown)

    def _repr_html_(self) -> str | None:
        from jupyter_aml.kernel.display import html

        shown = self._shown()
        return None if shown is None else html(shown)

    def _shown(self) -> Result | None:
        try:
            return self._result()
        except AmlError:
            return None
