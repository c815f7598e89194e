"""`python -m demo`: the demonstration in its order, from one expression to a network that reads digits."""

from __future__ import annotations

import sys
import time

from autograd import Value, draw, steps, tanh
from autograd.show import page as page_of_steps
from demo.page import Page


def main() -> None:
    started = time.perf_counter()
    page = Page()
    small_expression(page)
    one_neuron(page)
    try:
        from demo import digits, moons
    except ModuleNotFoundError as missing:
        sys.exit(f"The demonstration needs {missing.name}: pip install 'scalar-autograd[plots,data]', or make demo")
    page.add(*digits.section())
    page.add(*moons.section())
    print(f"\nAll of it, with pictures, in {time.perf_counter() - started:.0f} seconds: open {page.path}")
    print("Next: python -i -m demo.start opens Python with a, b, c and L as above, to change a number and look again.")
    print("      README.md names the rest, and says in which order to read the code.")


def small_expression(page: Page) -> None:
    """L = tanh(a*b + c): printed and drawn before anything heavy is imported."""
    a, b, c = Value(2.0, label="a"), Value(-3.0, label="b"), Value(5.5, label="c")
    L = tanh(a * b + c)
    L.label = "L"
    L.backward()
    print(f"L = tanh(a*b + c) = {L.data:.4f}")
    for leaf in (a, b, c):
        print(f"    {leaf.label} = {leaf.data:4.1f}     ∂L/∂{leaf.label} = {leaf.grad:7.4f}")
    page.add(
        "One expression, every number",
        f"""<pre>a, b, c = Value(2.0), Value(-3.0), Value(5.5)
L = tanh(a*b + c)                # {L.data:.4f}
L.backward()
a.grad, b.grad, c.grad           # {a.grad:.4f}, {b.grad:.4f}, {c.grad:.4f}</pre>
<p>Each box is a number and how it was made. Each edge carries its local derivative: how fast the box at its end moves
with the box at its start. Read from right to left, the gradient of a box is the gradient of the box after it times the
local derivative between them: that is the chain rule, and all of backpropagation.</p>
<figure class="graph">{draw(L).svg}</figure>""",
    )
    print(f"    drawn on {page.path}\n")


def one_neuron(page: Page) -> None:
    """A neuron and its loss as the page that steps: alive, with its weights to be changed and trained."""
    x, target = Value(2.0, label="x"), Value(1.0, label="target")
    w, b = Value(-0.5, label="w"), Value(0.25, label="b")
    y = tanh(w * x + b)
    y.label = "y"
    L = (y - target) ** 2
    L.label = "L"
    page.add(
        "One neuron, step by step",
        f"""<p>A neuron y = tanh(w·x + b), and how wrong it is: L = (y − target)². Step through the forward and the
backward pass with the buttons or the arrow keys; change a number by typing or dragging; let w and b go downhill.</p>
{page_of_steps.fragment(steps(L, train=[w, b], lr=0.1))}""",
    )


if __name__ == "__main__":
    main()
