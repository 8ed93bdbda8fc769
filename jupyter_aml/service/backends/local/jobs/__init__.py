"""One job, from its acceptance to its end."""
