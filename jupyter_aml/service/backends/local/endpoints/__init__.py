"""Online endpoints on this machine: a router process each, and scoring processes behind it."""
