"""AGA: quality from the tokens of a vision transformer, joined by a graph of neighbours (Wang et al. 2024)."""
