"""A stand-in for PNQC: quality from a pyramid of images and features, with a contrast loss (Yue et al., title only)."""
