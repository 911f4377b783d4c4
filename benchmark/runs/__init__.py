"""Runs as Python calls: what is asked for, who is told how far it is, and what comes back.

`benchmark` re-exports the calls; the command line makes the same ones and prints what they return.
"""
