"""Packages that do without the system libraries of a display. Data."""

from __future__ import annotations

HEADLESS = {
    "libGL.so.1": "opencv-python-headless",
    "libgthread-2.0.so.0": "opencv-python-headless",
}
"""System libraries for a display, and the package that does without."""
