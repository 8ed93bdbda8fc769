"""Sweeps without an engine: search spaces, sampling, early termination. Nothing here is kept."""
