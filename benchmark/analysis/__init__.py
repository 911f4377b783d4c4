"""From rows and opinion scores to agreement: correlations, intervals, tests, and the table that says it."""
