"""Databases, scoring runs, correlation with human (or simulated) scores, tables, figures and the command line."""
