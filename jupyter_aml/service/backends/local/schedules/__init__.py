"""Schedules of the local workspace: jobs that are made by the clock."""
