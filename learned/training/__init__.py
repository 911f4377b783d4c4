"""Training: the engine, what is trained and how, what is kept of it; only `import learned.training` needs no torch."""
