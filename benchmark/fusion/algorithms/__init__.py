"""One module an algorithm, each one usable without the others. A new file here is found by itself."""
