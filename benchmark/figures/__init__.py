"""Figures of a run, as PDF and PNG; matplotlib is imported only when one is drawn.

=====================  =============================================================================================
module                 what
=====================  =============================================================================================
`scatter`              one metric against the opinion scores, with the fitted curve; its band is computed in `band`
`forest`               SRCC of all metrics with intervals and noise ceiling
`significance`         which metric agrees significantly better than which
`ranking`              the rank that every metric gives to every algorithm
`critical_difference`  mean ranks of methods, and which do not differ
`dendrogram`           which metrics say the same
`curves`               one metric, each method's values in their order
`spread`               one metric, a box and a violin a method
`heat`                 methods by metrics, as a heat map and as a radar chart
`duel`                 two methods by one metric, image by image
`over_databases`       one metric, and all, on several databases
`insets`               the images on which methods differ most, with the place enlarged
`contents`             which figures a database has
`gallery`              drawing those that changed
`drawing`              what all figures have in common: what they show is data, and has a hash
`style`                sizes, fonts and colours
`formats`              from a figure to PDF, PNG and SVG
=====================  =============================================================================================
"""

from benchmark.figures.contents import figures_of
from benchmark.figures.gallery import draw_figures

__all__ = ["draw_figures", "figures_of"]
