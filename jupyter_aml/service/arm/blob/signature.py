"""What Azure Storage signs, to the letter: service SAS tokens and SharedKey requests. Pure.

Source: "Create a service SAS" and "Authorize with Shared Key" of Azure Storage's documentation.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from functools import cmp_to_key

_SCOPED_SINCE = "2020-12-06"
"""Since this version an encryption scope is among the signed fields."""
OLDEST = "2018-11-09"
"""Before this version other fields were signed."""

_SIGNED_HEADERS = (
    "content-encoding",
    "content-language",
    "content-length",
    "content-md5",
    "content-type",
    "date",
    "if-modified-since",
    "if-match",
    "if-none-match",
    "if-unmodified-since",
    "range",
)


def sign(key: bytes, text: str) -> str:
    """HMAC-SHA256 in base64."""
    return base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode()


def of_sas(fields: Mapping[str, str], resource: str) -> str:
    """The string to sign of a service SAS for `resource` (``/blob/account/container[/blob]``)."""
    version = fields.get("sv", "")
    lines = [
        fields.get("sp", ""),
        fields.get("st", ""),
        fields.get("se", ""),
        resource,
        fields.get("si", ""),
        fields.get("sip", ""),
        fields.get("spr", ""),
        version,
        fields.get("sr", ""),
        fields.get("snapshot", ""),
        *([fields.get("ses", "")] if version >= _SCOPED_SINCE else []),
        *(fields.get(name, "") for name in ("rscc", "rscd", "rsce", "rscl", "rsct")),
    ]
    return "\n".join(lines)


def of_request(
    method: str,
    path: str,
    query: Mapping[str, str],
    headers: Sequence[tuple[str, str]],
    account: str,
) -> str:
    """The string to sign of a SharedKey request; `path` is as it was sent."""
    found = {name.lower(): value.strip() for name, value in headers}
    if found.get("content-length") == "0":
        found["content-length"] = ""
    named = [(name, value) for name, value in found.items() if name.startswith("x-ms-")]
    named.sort(key=lambda one: _rank(one[0]))
    resource = f"/{account}{path}" + "".join(
        f"\n{name.lower()}:{value}"
        for name, value in sorted(query.items(), key=lambda one: one[0].lower())
    )
    return "\n".join(
        [
            method,
            *(found.get(name, "") for name in _SIGNED_HEADERS),
            *(f"{name}:{value}" for name, value in named),
            resource,
        ]
    )


def _compare(left: str, right: str) -> int:
    """The service sorts words as people do: - counts only between words equal without it."""
    plain = _plain(left), _plain(right)
    if plain[0] != plain[1]:
        return -1 if plain[0] < plain[1] else 1
    dashes = _dashes(left), _dashes(right)
    return (dashes[0] > dashes[1]) - (dashes[0] < dashes[1])


def _plain(name: str) -> tuple[int, ...]:
    """Signs before digits before letters."""
    return tuple(ord(c) if not c.isalnum() else 256 + ord(c) for c in name if c not in "-'")


def _dashes(name: str) -> list[int]:
    """Where it has one; a name that has it later comes first."""
    return [-place for place, c in enumerate(name) if c in "-'"]


_rank = cmp_to_key(_compare)
