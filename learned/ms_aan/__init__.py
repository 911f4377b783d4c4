"""MS-AAN: five classes of quality from four scales of the fused image, and where it looks (Tian et al. 2025)."""
