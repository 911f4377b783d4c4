"""G2NPAN: a generator imagines the best version of an image, an assessor sees both (Tian and Zhang 2024)."""
