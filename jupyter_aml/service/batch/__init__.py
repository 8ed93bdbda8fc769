"""Batch endpoints: names, deployments and what is refused of them. The same for every backend."""
