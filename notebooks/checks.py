"""`guess` and `check`, which stand in every lesson, and the ledger of the answers that its exercises take."""

from __future__ import annotations

import math
from typing import Any

from answers import Kind, OddAnswerError, as_number, choice, close, function, normal, number, numbers, truth, word
from autograd import grad

__all__ = ["ANSWERS", "check", "choice", "function", "guess", "number", "numbers", "truth", "word"]

ANSWERS: dict[str, Kind] = {}

# 0 · Ten minutes with gradients ---------------------------------------------------------------------------------------
ANSWERS |= {
    "0.1": number(
        4.3, hint="Which gradient is the largest, without its sign? And its sign: does y grow on the way up?"
    ),
    "0.2": number(6, hint="Make p 4.001. By how much does p*q grow, and by how much the p that is added?"),
    "0.3": number(3.5, hint="Look for the x where w*x + bias is 0. Is it an x between the students?"),
}

# 1 · How wrong are we? ------------------------------------------------------------------------------------------------
ANSWERS |= {
    "1.1": number(2.5, hint="Square both errors, add the squares, and divide by how many there are."),
    "1.2": choice("absolute", "squared", hint="How hard does the wrong rent pull, compared with a right one?"),
    "1.3": number(2, hint="1/2 is one halving, 1/4 are two; how many is 1/16? Then take the mean of the four days."),
    "1.4": function(
        lambda f: all(close(as_number(f(e)), cost) for e, cost in ((2.0, 2.0), (-2.0, 6.0), (0.0, 0.0), (-0.5, 1.5))),
        hint="Try it by hand: an error of 2 costs 2, an error of −2 costs 6, and no cost is below 0.",
    ),
}

# 2 · Slope and tangent ------------------------------------------------------------------------------------------------
ANSWERS |= {
    "2.1": number(-3.0, hint="The slope of x² is 2·x. Does the curve go up or down to the right there?"),
    "2.2": number(4.4, rel=0.001, hint="Begin at height 4 and go 0.1 to the right, with the slope 2·x has at 2."),
    "2.3": truth(False, hint="Move x² down by 100: what becomes of its heights, and what of its slopes?"),
    "2.4": function(
        lambda f: (
            abs(as_number(f(lambda x: x * x * x, 3.0)) - 27.0) < 3e-8
            and abs(as_number(f(lambda x: x * x * x, 1.7)) - 8.67) < 3e-8
        ),
        hint="Step to both sides, divide by the whole way from one to the other, and look for the deepest point.",
    ),
}

# 3 · Rolling downhill -------------------------------------------------------------------------------------------------
ANSWERS |= {
    "3.1": number(
        4.6,
        hint="The slope at 5 is 2 × (5 − 3). Multiply it by the learning rate, and go against its sign. Above 5 is"
        " uphill; at 4.9 the slope was forgotten; at 1 the learning rate was.",
    ),
    "3.2": choice(
        "b", "a", "c", "d", hint="The loss rises at every step. Look at the learning curve of 1.1, and at its bowl."
    ),
    "3.3": number(
        0.125,
        hint="One step makes (1 − 8·lr)·d of the distance d, and nothing of it is to be left. 0.5 is the answer for"
        " the bowl (w − 3)², whose slope is 2·d; this hill is steeper.",
    ),
    "3.4": function(
        lambda f: all(
            close(as_number(f(lambda w: w, 8.0, 0.5, count)), place) for count, place in ((0, 8.0), (1, 4.0), (3, 1.0))
        ),
        hint="Try downhill(lambda w: w, 8.0, 0.5, 3) by hand: the slope at w is w, so it goes from 8 to 4, 2 and 1. Is"
        " the slope asked for anew at each step? And with count 0 it stays at 8.",
    ),
}

# 4 · Weights and biases -----------------------------------------------------------------------------------------------
ANSWERS |= {
    "4.1": numbers(
        [2.5, 0],
        hint="Multiply each input by its weight, add the products and the bias; then comes relu, which makes 0 of all"
        " that is below 0.",
    ),
    "4.2": number(
        -10,
        hint="The sigmoid is 0.5 where what stands in it is 0: put in x = 2.5, and ask which b makes 4·x + b zero. Mind"
        " the sign.",
    ),
    "4.3": numbers(
        [1.8, 32],
        hint="The bias is the output when the input is 0; the weight is how much the output grows when the input grows"
        " by 1. First the weight, then the bias.",
    ),
    "4.4": choice(
        "bias",
        "weight",
        "both",
        "neither",
        hint="The error is not 0, so something moves. The gradient of the weight is 2·error·x: what is x here?",
    ),
}

# 5 · The chain rule is a relay ----------------------------------------------------------------------------------------
ANSWERS |= {
    "5.1": number(
        24,
        hint="First forward: what is u at x = 1? Then multiply the slope of u² at this u by the slope of 3·x + 1. Got"
        " 6? Then the slope of u² was taken at x, not at u. Got 11? The slopes were added. Got 8? One was forgotten.",
    ),
    "5.2": numbers(
        [24, 12],
        hint="L hands v to u, and u to v. From u = x·x two arrows lead back to x, each with slope x; from v = 3·x there"
        " is one. First over u, then over v.",
    ),
    "5.3": number(
        100.0,
        hint="How many forward passes: once as it is, and once for each weight? Nudging needs no backward pass. And"
        " 1000 milliseconds are a second.",
    ),
    "5.4": function(
        lambda f: all(close(as_number(f(x)), grad(lambda x: x * x * (x * x + x))(x)) for x in (2.0, -1.5, 0.5)),
        hint="Try it at x = 2: there it returns 44, as x.grad does with a Value. u is used in v and in L, and x in"
        " three places: has each of them its +=?",
    ),
}

# 6 · Build the engine yourself ----------------------------------------------------------------------------------------
ANSWERS |= {
    "6.1": numbers(
        [0.5, -1.5],
        hint="Nudge: what are 6.001/2 and 6/2.001, compared with 3? How many times the nudge is each change, and"
        " does q grow or shrink?",
    ),
    "6.2": number(
        2 * math.e,
        hint="x reaches L in two ways: through the exponent, where it is doubled, and as the factor; both count. The"
        " local derivative of e^a is its own result. (2.718: one of the two ways was lost; 4.077: the 2 was.)",
    ),
    "6.3": choice("b", "a", "c", hint="Who was made from p? All of them must have spoken before p does."),
    "6.4": truth(True, hint="Can a number be made before its parents are? Then what is the order of that list?"),
}

# 7 · Error signals ----------------------------------------------------------------------------------------------------
ANSWERS |= {
    "7.1": number(
        -0.25,
        hint="Each of the three δ times the weight that leads there; add them up; then times the slope. (−1: the slope"
        " was forgotten; 1: the weights were.)",
    ),
    "7.2": numbers(
        [-2, 0, -0.5],
        hint="δ times what comes in along that line, with its sign. The bias is a weight whose input is always 1.",
    ),
    "7.3": choice("up", "down", "stay", hint="The new bias is: bias − 0.1·δ. What do two minus signs make?"),
    "7.4": numbers(
        [1000, 8000],
        hint="How many runs forward does one round need, the one way and the other? Then times the rounds.",
    ),
}

# 8 · When a line is not enough ----------------------------------------------------------------------------------------
ANSWERS |= {
    "8.1": function(
        lambda f: (
            [as_number(f(x1, x2)) > 0 for x1, x2 in ((0, 0), (0, 1), (1, 0), (1, 1))] == [False, True, True, True]
            and as_number(f(0, 0)) < 0
            and all(
                close(as_number(f(x1, x2)) - as_number(f(0, 0)), x1 * w1 + x2 * w2)
                for w1, w2 in [[as_number(f(1, 0) - f(0, 0)), as_number(f(0, 1) - f(0, 0))]]
                for x1, x2 in ((1, 1), (3, -2), (0.5, 7))
            )
        ),
        hint="Try it at the four corners: below 0 at (0, 0), above 0 at the others. And it must be a weighted sum: a"
        " number times x1, plus a number times x2, plus a bias; no `or`, no product of x1 and x2.",
    ),
    "8.2": choice("b", "a", "c", hint="What do all points within the circle have less of than any point outside?"),
    "8.3": numbers(
        [3, 2, -1], hint="First the two hidden neurons: relu leaves a number above 0 as it is. Then a1 − 2·a2."
    ),
    "8.4": truth(False, hint="What does the corner test say of layers without an activation, however many?"),
}

# ----------------------------------------------------------------------------------------------------------------------


def check(name: str, answer: Any) -> None:
    """Says whether the answer to an exercise is right; it never says what is, and an odd answer is no error.

    >>> check("no such exercise", 1)
    There is no exercise "no such exercise".
    """
    kind = ANSWERS.get(name)
    if kind is None:
        print(f'There is no exercise "{name}".')
    elif answer is ...:
        print(f"{name}: not answered yet")
    elif answer is None:
        print(f"{name}: not yet. The answer is None: was it printed, instead of kept?")
    else:
        try:
            print(f"{name}: right" if kind.judge(answer) else f"{name}: not yet. {kind.hint}")
        except OddAnswerError as odd:
            print(f"{name}: not yet. {odd}")


def guess(my_guess: Any, result: Any) -> None:
    """Prints a guess and what came out side by side, and how near they are when they are numbers.

    >>> guess(..., 4.2)
    your guess: none yet        the answer: 4.2
    >>> guess(4, 4.2)
    your guess: 4        the answer: 4.2        near
    """
    if my_guess is ...:
        print(f"your guess: none yet        the answer: {written(result)}")
    else:
        verdict = compared(my_guess, result)
        print(f"your guess: {written(my_guess)}        the answer: {written(result)}{verdict and ' ' * 8 + verdict}")


def compared(my_guess: Any, result: Any) -> str:
    """ "that is it", "near" (a fifth off, or less) or "far"; nothing where it cannot be said."""
    if isinstance(result, bool | str):
        return "that is it" if normal(str(my_guess)) == normal(str(result)) else ""
    try:
        given, right = as_number(my_guess), as_number(result)
    except OddAnswerError:
        return ""
    if close(given, right):
        return "that is it"
    return "near" if abs(given - right) <= 0.2 * abs(right) else "far"


def written(what: Any) -> str:
    """A number with at most four digits, a list of such, or the text itself.

    >>> print(written(2 / 3), written([1, 0.00012345]), written("falls"), written(True), written(65536))
    0.6667 [1, 0.0001234] falls True 65536
    """
    if isinstance(what, str | bool | int):
        return str(what)
    try:
        return f"{as_number(what):.4g}"
    except OddAnswerError:
        pass
    if isinstance(what, list | tuple) or hasattr(what, "tolist"):
        return f"[{', '.join(map(written, what))}]"
    return str(what)
