"""Signal processing that metrics share: each feature is computed once per image and remembered there."""
