"""MLflow as the tracking standard: its own server, behind our address, for this home's jobs."""
