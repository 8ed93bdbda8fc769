"""The state of the service: one SQLite file, one writer thread, plain functions on rows."""
