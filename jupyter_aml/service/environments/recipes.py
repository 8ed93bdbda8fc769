"""Curated environments: names that work without anything set up, and Azure's names for such.

A recipe is data (``recipes.json``). Azure's curated environments are container images, which are
not run here; of each the recipe comes nearest whose words its name holds.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import msgspec

VERSION = "1"
"""Of every recipe: a changed recipe has another content, but is meant as the same thing."""

_REGISTRY = re.compile(
    r"azureml://registries/(?P<registry>[^/]+)/environments/(?P<name>[^/]+)"
    r"(?:/(?:versions|labels)/(?P<version>[^/]+))?/?"
)
_CURATED = re.compile(r"azureml-|acpt-|acft-|curated", re.IGNORECASE)


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """``options`` are further arguments for uv."""

    name: str
    description: str
    requirements: list[str]
    options: list[str] = []
    words: list[str] = []
    """Parts of Azure's names that this recipe stands in for."""


@lru_cache(maxsize=1)
def recipes() -> dict[str, Recipe]:
    path = Path(__file__).with_name("recipes.json")
    found = msgspec.json.decode(path.read_bytes(), type=list[Recipe])
    return {recipe.name: recipe for recipe in found}


def of_azure(text: str) -> tuple[str, str] | None:
    """Name and version (which may be "") if `text` names a curated environment of Azure, or one
    of a registry; else None."""
    if match := _REGISTRY.fullmatch(text):
        return match["name"], match["version"] or ""
    name, _, version = text.removeprefix("azureml:").partition("@")
    if not version:
        name, _, version = name.partition(":")
    return (name, version) if _CURATED.match(name) else None


def nearest(name: str) -> Recipe | None:
    """The recipe for one of Azure's names; None if no word of it says what it holds."""
    parts = [part for part in re.split(r"[^a-z0-9]+", name.lower()) if part]
    plain = "-".join(parts)
    best: tuple[int, Recipe] | None = None
    for recipe in recipes().values():
        score = max((_score(word, parts, plain) for word in recipe.words), default=0)
        if score and (best is None or score > best[0]):
            best = score, recipe
    return best[1] if best else None


def _score(word: str, parts: list[str], plain: str) -> int:
    """A whole part counts more than a piece of one, a long word more than a short one."""
    if word in parts:
        return 100 + len(word)
    return len(word) if len(word) > 2 and word in plain else 0
