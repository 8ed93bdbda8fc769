"""What this machine has, what a size gets of it, and who holds how much."""
