"""Pages: all that is known about metrics, or about fusion methods, as one HTML file that needs no network.

===============  ===================================================================================================
module           what
===============  ===================================================================================================
`page`           the file
`chapter`        one database with opinion scores: how metrics agree with them
`finding`        that in one sentence
`methods`        one data set of a comparison of methods
`scenes`         its pictures: where methods differ most
`captions`       the text around its figures
`downloads`      the files that it carries
`grids`          tables, sortable
`disagreements`  images on which a metric and the readers differ most
`pictures`       copies of pictures, each once
`licence`        whether pictures may be passed on
`drawings`       figures that follow the colours of the page
`provenance`     versions, hashes, machine
`templates`      HTML, style and scripts
===============  ===================================================================================================
"""

from benchmark.report.page import write_comparison, write_report

__all__ = ["write_comparison", "write_report"]
