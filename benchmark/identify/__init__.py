"""Which metric, in which variant and of which reading of the images, printed a table of numbers.

A table in a paper says "SSIM" or "PSNR" and not which script printed it. Given the images and the printed values,
metrics in all their variants are held against every column (`search`), and the table is judged as a whole (`verdict`).
No scale, sum or offset is fitted: a column is a variant that is declared, or it is none.
"""
