"""Reader studies: people rate or compare fused images in a browser, and what they say becomes a database.

===========  ========================================================================================================
module       what
===========  ========================================================================================================
`model`      what a study is, and its description in `study.json`
`create`     a study made of a database
`orders`     in which order each rater meets the items
`pairing`    which two images are compared next
`raters`     pseudonyms, links, secrets
`votes`      what was said: one row of an SQLite file for each vote
`sitting`    one rater: what is shown next, and whether an answer can be right
`access`     headers, origins, rates
`server`     the web application
`serving`    the process that runs it
`page`       what the browser loads: HTML, style and scripts, as they are
===========  ========================================================================================================
"""
