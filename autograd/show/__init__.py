"""Pictures of graphs: read what a graph says, lay it out, paint it."""

from autograd.show.drawing import Drawing, draw
from autograd.show.explaining import Explanation, explain
from autograd.show.graph_walk import Step
from autograd.show.stepping import Steps, steps

__all__ = ["Drawing", "Explanation", "Step", "Steps", "draw", "explain", "steps"]
