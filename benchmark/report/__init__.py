"""`write_report`: all that is known about databases and metrics as one HTML file that needs no network.

===============  ===================================================================================================
module           what
===============  ===================================================================================================
`page`           the file
`chapter`        one database of it
`grids`          its tables, sortable
`disagreements`  images on which a metric and the readers differ most
`pictures`       small copies of pictures, each once
`licence`        whether pictures may be passed on
`drawings`       figures that follow the colours of the page
`provenance`     versions, hashes, machine
`templates`      HTML, style and script
===============  ===================================================================================================
"""

from benchmark.report.page import write_report

__all__ = ["write_report"]
