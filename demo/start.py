"""`python -i -m demo.start`: the small expression of the demonstration, to play with at Python's prompt."""

from autograd import *  # noqa: F403
from autograd import Value, tanh

a, b, c = Value(2.0, label="a"), Value(-3.0, label="b"), Value(5.5, label="c")
L = tanh(a * b + c)
L.backward()

print("a, b, c and L = tanh(a*b + c) are there:", L)
print("Type a.grad, or L = a*b + c**2; L.backward(); c.grad, or draw(L).save('L.svg')")
