"""In Jupyter Server: authenticate and authorize, then forward bytes to the service."""
