"""Metrics over several databases: what these say together, and how far they are from saying the same.

Databases with human and with simulated scores are never pooled.

==========  ====================================================================
module      what
==========  ====================================================================
`effects`   agreement of one metric with one database, with its standard error
`pooled`    that of all databases of one origin together
`frames`    the same as a DataFrame
`table`     metrics against databases, and the words below it
`contents`  which figures there are
==========  ====================================================================
"""
