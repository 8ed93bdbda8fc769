"""One file for each peer, run by the interpreter of the peer's own environment."""
