"""Attached machines as computes of the local workspace: what the engine knows of them."""
