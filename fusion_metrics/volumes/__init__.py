"""Volumes: files and folders of voxels, of which slices are read as pictures."""
