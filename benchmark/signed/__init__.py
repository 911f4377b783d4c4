"""Signed tables: who is cited for their numbers, and whether the numbers come out again.

==========  ========================================================================
module      what
==========  ========================================================================
`read`      the signatures of a table in any format, and the table itself where it has all digits
`citation`  BibTeX of what was computed, and what a methods section says of it
`again`     numbers of a table beside the same numbers computed again
==========  ========================================================================
"""
