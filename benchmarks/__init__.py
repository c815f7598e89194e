"""Side-by-side runs of the eager engine against its peers: ``python -m benchmarks``."""
