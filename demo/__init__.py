"""The demonstration, `make demo`: one gradient, then networks of scalars trained on real data, told on one page."""
