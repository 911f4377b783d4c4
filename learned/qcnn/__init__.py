"""Q_CNN, also called SBA: how alike the features of the fused image and of its sources are (Liu et al. 2024)."""
