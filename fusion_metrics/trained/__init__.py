"""Metrics that were fitted beforehand, under a name: ``bmpri+phantom`` is `bmpri` fitted to all of `phantom`."""
