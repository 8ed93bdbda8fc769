"""Batch endpoints of the local workspace: a call becomes a command job with a driver."""
