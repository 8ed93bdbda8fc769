"""Data of the local workspace: what jobs read and write of it."""
