"""Methods (fusion algorithms) compared over the same images, by one metric and by several: pure functions of arrays.

`values` has one row an image and one column a method, a `cube` one such table a metric; both come in oriented (more is
better) and complete. What each function does and why is in ``docs/comparing-methods.md``.

============  =====================================================================================================
module        what
============  =====================================================================================================
`friedman`    does any method differ: Friedman's test; which ones: mean ranks with Nemenyi's critical difference
`pairwise`    which methods differ: paired permutation tests of all pairs, effect sizes, wins, ties and losses
`best`        which methods are not significantly worse than the best
`overall`     mean rank and Borda points over several metrics, with intervals
`stability`   what becomes of the ranking without one metric or one image
`redundancy`  which metrics say the same
`inputs`      what input is refused, and blocks of images that are not independent
============  =====================================================================================================
"""
