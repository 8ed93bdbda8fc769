"""Interpreters that are not made for a program but found on the machine."""

import os

WITH_TORCH = os.environ.get("PYTHON_WITH_TORCH", "/usr/bin/python3")
"""One that has PyTorch for the processor; Debian's, where ``python3-torch`` is installed."""
