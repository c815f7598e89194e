"""Pictures of graphs: read what a graph says, lay it out, paint it."""

from autograd.show.drawing import Drawing, draw

__all__ = ["Drawing", "draw"]
