"""What compute costs, and the guard of the budget."""
