"""Connections of the local workspace: what is said of them in the store, secrets in files."""
