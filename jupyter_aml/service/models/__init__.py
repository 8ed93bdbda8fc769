"""The model registry: names and versions, what lies in each, and where it came from."""
