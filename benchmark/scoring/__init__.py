"""From pixels to rows: every metric on every fused image, stored as it is made, fitted in folds where it learns."""
