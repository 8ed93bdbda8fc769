"""What the stock SDK asked and was answered, and what Azure's specification says of it.

The specification's checker lies beside this repository on the machines of those who make it; it
is no part of it. Without it nothing is checked, and `test_exchanges.py` says so.
"""

from __future__ import annotations

import importlib.util
import json
import re
import warnings
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

CHECKER = Path(__file__).parents[3] / "shared" / "azureml" / "check_exchange.py"
_OF_ARM = re.compile(r"^https://[^/]+/subscriptions/", re.IGNORECASE)
_NOT_IN_IT = re.compile(
    r"/mfeOperations(Status|Results)/|/enableSso\?|/providers/Microsoft\.MachineLearningServices/"
    r"workspaces/[^/?]+/(?:history|data)/",
    re.IGNORECASE,
)


class Exchanges:
    """Records what goes through azure-core while it is in place."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []
        self._responses: list[Any] = []
        self._patch = pytest.MonkeyPatch()

    def __enter__(self) -> Exchanges:
        from azure.core.pipeline.transport import RequestsTransport

        send = RequestsTransport.send

        def recorded(transport: Any, request: Any, **named: Any) -> Any:
            response = send(transport, request, **named)
            self.seen.append(_exchange(request, response))
            self._responses.append(response)
            return response

        self._patch.setattr(RequestsTransport, "send", recorded)
        return self

    def __exit__(self, *_: object) -> None:
        self._patch.undo()

    def paths(self) -> list[str]:
        """Method, path and status of each, in order: ``GET /subscriptions/… 200``."""
        found: list[str] = []
        for one in self.seen:
            path = re.sub(r"^https?://[^/]+|\?.*$", "", one["url"])
            found.append(f"{one['method']} {path} {one['status']}")
        return found

    def deviations(self) -> list[str]:
        """Where the exchanges break the contract, by Azure's specification."""
        checker = load_checker()
        if checker is None:
            return []
        for one, response in zip(self.seen, self._responses, strict=False):
            one["responseBody"] = _json(_content(response))
        found: list[str] = []
        for one in self.seen:
            if not _OF_ARM.match(one["url"]) or _NOT_IN_IT.search(one["url"]):
                continue
            _, said = checker.check(one)
            for level, where, what in said:
                # What the SDK sends is its makers' business.
                if level == "ERROR" and not where.startswith(("request", "query", "path")):
                    found.append(f"{one['method']} {one['url']}: {where}: {what}")
        return found


@lru_cache
def load_checker() -> Any:
    """The checker of exchanges, None where it is not at hand."""
    if not CHECKER.exists():
        return None
    specification = importlib.util.spec_from_file_location("check_exchange", CHECKER)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it leaves closing to Python
        specification.loader.exec_module(module)
        return module.make_checker()


def _exchange(request: Any, response: Any) -> dict[str, Any]:
    sent = getattr(request, "body", None) or getattr(request, "data", None)
    return {
        "method": request.method,
        "url": request.url,
        "requestHeaders": {},
        "requestBody": _json(sent),
        "status": response.status_code,
        "responseHeaders": dict(response.headers),
        "responseBody": None,
    }


def _content(response: Any) -> Any:
    """What was read of a response; most are read after they came, streams perhaps never."""
    inner = getattr(response, "internal_response", None) or response._internal_response
    return getattr(response, "_content", None) or getattr(inner, "_content", None)


def _json(content: Any) -> Any:
    if isinstance(content, (bytes, str)) and content:
        try:
            return json.loads(content)
        except ValueError:
            return None
    return None
