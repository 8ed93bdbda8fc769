"""The rows of the API table, one file for each part; `model.api` puts them together."""
