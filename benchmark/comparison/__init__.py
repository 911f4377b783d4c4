"""The table of a paper: fusion methods by metrics, and which of their differences are more than luck.

=============  ======================================================================================================
module         what
=============  ======================================================================================================
`asked`        what a comparison is asked for
`values`       from score rows to complete tables of images and methods, a data set each
`tested`       everything that `benchmark.statistics.methods` says about one data set
`frames`       all of it as DataFrames
`table`        methods by metrics, to be printed
`words`        what was found, in sentences
`latex`        the table as a paper carries it
`workbook`     the table as Excel: a sheet of means, and one a metric
`contents`     which figures there are, and what each shows
`differences`  the images on which methods differ most, and the place where they differ
`headline`     the result in one sentence
=============  ======================================================================================================
"""
