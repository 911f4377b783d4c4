"""Pages of the documentation that are written from the registry of metrics."""
