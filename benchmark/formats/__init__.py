"""Files that hold a table: the ending of the name decides the format, everywhere.

=========  =================================================================================
module     what
=========  =================================================================================
`endings`  which endings there are, and refusing others before anything is computed
`files`    from a frame, or a table made to be read, to a file
`excel`    sheets of a workbook
=========  =================================================================================
"""
