"""Code assets: a folder of code under a name and a version, as Azure ML's clients register it.

What a version holds is a snapshot, the same that a job's own code folder becomes; nothing else of
it is kept. Source of the words: the 2025-12-01 API.
"""

from __future__ import annotations

import msgspec


class CreateCode(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What `codes.create` takes. ``path`` is a folder of this machine; it is copied."""

    name: str
    version: str
    path: str
    digest: str = ""
    """What the client makes of the folder before it sends it, to ask whether it is here."""
    description: str = ""
    tags: dict[str, str] = {}
    properties: dict[str, str] = {}


class Code(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One version of a code asset."""

    name: str
    version: str
    snapshot: str
    """``snapshot:<id>``: what a job or a deployment takes as its ``code``."""
    digest: str = ""
    description: str = ""
    tags: dict[str, str] = {}
    properties: dict[str, str] = {}
    created_at: str = ""


class CodeList(msgspec.Struct, rename="camel", frozen=True):
    """The newest first."""

    value: list[Code]
