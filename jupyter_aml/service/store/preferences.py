"""The user's preferences as they are kept: one value by name."""

from __future__ import annotations

import logging
import sqlite3

import msgspec

from jupyter_aml.model.preferences import Preferences
from jupyter_aml.service.store import rows

log = logging.getLogger(__name__)

KEY = "preferences"


def read_preferences(conn: sqlite3.Connection) -> Preferences:
    """The user's preferences; the defaults while none were set."""
    kept = rows.get_value(conn, KEY)
    if kept is None:
        return Preferences()
    try:
        return msgspec.json.decode(kept, type=Preferences)
    except msgspec.ValidationError as error:
        # written by a version with other limits: the defaults are better than no service
        log.warning("the preferences that are kept do not fit this version: %s", error)
        return Preferences()


def write_preferences(conn: sqlite3.Connection, preferences: Preferences) -> None:
    rows.set_value(conn, KEY, msgspec.json.encode(preferences))
