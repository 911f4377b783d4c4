"""Which metric, in which variant, printed a table."""
