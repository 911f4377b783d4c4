"""Statistics of metrics against opinion scores: pure functions of arrays, which know no database and no file.

Scores come in oriented (more is better), opinion scores as q in 0..1, and complete: a metric without a score for every
image is refused, never averaged over the images it happens to have.

============  =====================================================================================================
module        what
============  =====================================================================================================
`agreement`   PLCC, SRCC, KRCC, RMSE of one metric on one set of images
`logistic`    the same after a fitted logistic
`levels`      over all images, within source pairs, between algorithms
`bootstrap`   intervals, from source pairs drawn again
`comparison`  tests between metrics and rank clusters; the parts are `exchange`, `adjusted` and `clusters`
`dependent`   intervals of differences between correlations from formulas, as a cross-check
`stepdown`    step-down maxT: p values of many hypotheses, adjusted with how they depend on each other
`methods`     fusion algorithms compared by one metric and by several (a package)
`per_pair`    the mean correlation within source pairs with its standard error
`pooling`     several studies pooled by random effects, and whether they differ
`repeats`     many random test subsets
`krasula`     telling different from similar and better from worse images
`ceiling`     how well votes agree with themselves
`screening`   raters who vote far off
`panel`       raters against their panel: correlations, bias and inconsistency
`reliability` intraclass correlations, Krippendorff's alpha, what raters say when asked twice
`spread`      mean scores with intervals, how votes spread, how many raters it takes
`preference`  scores from comparisons of two
`resampled`   the arithmetic of many resamples at once
`judged`      opinion scores with the source pair and algorithm of each image
`arrays`      what input is refused
============  =====================================================================================================
"""
