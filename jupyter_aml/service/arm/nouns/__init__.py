"""One module per noun: its ``ROUTES``, and functions that translate between ARM and our words."""
