"""What the API calls: one class a facet of `service.backends.protocol`."""
