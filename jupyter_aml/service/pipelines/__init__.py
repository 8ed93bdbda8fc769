"""Pipelines without a backend: bindings, what steps declare, their graph. Pure."""
