"""Metrics with a network, and the layers they are made of; the only package that imports torch."""
