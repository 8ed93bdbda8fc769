"""HOW TO REACH THE SERVICE: synchronous, the standard library's HTTP only."""
