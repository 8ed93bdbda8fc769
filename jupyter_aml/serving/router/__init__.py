"""The router: one process per endpoint, one address for all its deployments."""
