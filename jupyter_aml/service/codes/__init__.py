"""Code assets: names and versions of snapshots, and how a client finds one that is here already."""
