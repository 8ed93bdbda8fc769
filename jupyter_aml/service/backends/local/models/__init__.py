"""Models of the local workspace: where they may be registered from, and what serves them."""
