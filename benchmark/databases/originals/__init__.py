"""Sets of human opinion scores as their authors lay them out, turned into folder databases.

=============  =====================================================================================
module         what
=============  =====================================================================================
`sets`         which public sets there are, with address, licence and what is known of each
`convert`      from an original layout to a folder database, whole or not at all
`mefdatabase`  exposure sequences with mean opinion scores in ``MOS.mat``
`pansharp`     pan-sharpened images with the votes of each rater in a .mat file of its own
`matlab`       what is read from .mat files: numbers and texts; `matlab_reader` reads them in another process
=============  =====================================================================================
"""
