"""What steps say in plain words: one sentence a kind of step, and the notes beside the arithmetic.

In every text {name} is the value that is worked at, {target} the one whose number changes, {root} the end of the graph;
{g} is the gradient of {name}, {l} the local derivative, {left} and {right} what it is on the two sides of a kink, {s}
the share that flows, {b} and {n} the gradient of {target} before and after, {uses} how often {target} is used, {d} its
data, {lr} the learning rate, {e} what an earlier pass left. {l~} says what a factor does: grows 0.5 times as much.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from autograd.ops import TABLE
from autograd.show import words

TIED = re.compile("(max|min)(imum)?")  # operations that choose among operands, which may be equal
TIMES = re.compile(r"(?<!\*)\*(?!\*)")  # between names * is written, as in Python; between numbers ×

NUMBERS = {
    "seed": "1",
    "share": "{g} × {l!} = {s}",
    "dead": "0",
    "by_hand": "unknown",
    "by_hand_nothing": "0",
    "update": "{d} − {lr} × {g!} = {n}",
}
"""The arithmetic of a backward step; that of a forward step is the operation's own notation."""

SENTENCES = {
    "seed": "The backward pass begins at the end. The gradient of a value, written ∂{root} by ∂value, says how much"
    " {root} changes for each little bit that the value grows. {root} itself grows just as much: its gradient is 1.",
    "share": "When {target} grows by a little, {name} {l~}; when {name} grows, {root} {g~}. Together: when {target}"
    " grows, {root} {s~}.",
    "share_root": "When {target} grows by a little, {root} {s~}.",
    "share_part": "{target} is used {uses} times; this is one of its ways to {root}. If it grows by a little here"
    " alone, {name} {l~}; when {name} grows, {root} {g~}. Together, this way: {root} {s~}.",
    "share_part_root": "{target} is used {uses} times; this is one of its ways to {root}. If it grows by a little here"
    " alone, {root} {s~}.",
    "share_adds": "{target} is used {uses} times, so a change of it reaches {root} in several ways. What comes this"
    " way, {s}, is added to the {b} from before: now {n}.",
    "share_zero_gradient": "The gradient of {name} is 0 here, so it has nothing to pass on to {target}.",
    "share_zero_local": "The local derivative is 0 here, so nothing is passed on to {target}.",
    "share_infinite": "This share is not a finite number, and neither is what is made of it further on.",
    "share_unknown": "What arrives at {name} cannot be told, and so neither can what goes on to {target}.",
    "kink": "{name} is at a kink here: its slope is {left} where {target} falls, and {right} where {target} grows."
    " There is no one slope, so the engine chooses {l}, and what is passed on to {target} is {s}.",
    "dead": "{name} does not depend on {target} here: whatever arrives at {name}, nothing is passed on to {target}.",
    "by_hand": "{name} was made by hand: only the function that was set as its _backward knows what it passes on to"
    " {target}.",
    "by_hand_nothing": "{name} was made by hand and has no _backward: it passes nothing on to {target}.",
    "update": "The gradient points to where {root} grows, so {target} is moved the other way: by {lr} times its"
    " gradient. Nothing else is computed anew yet.",
}

NEURONS = {
    "sum": "Neuron {tag} adds up its inputs, each times its weight, and its bias: the weighted sum {z}.",
    "out": "The activation {activation} is applied to the weighted sum {z}: the output of the neuron, which goes on.",
    "value": "{root} is computed from the outputs of the network.",
    "value_long": "{root} is computed from the outputs of the network; the graph view goes through every operation on"
    " the way.",
    "delta_output": "{delta}, the error signal of the neuron, is the gradient of {z}: how much {root} changes for each"
    " little bit that {z} grows. By the chain rule it is the gradient of the output {a}, times the slope of the"
    " activation: how much {a} grows for each little bit that {z} does.",
    "delta_hidden": "{a} went on to the neurons {to}, each time through a weight. Their δ come back the same way, each"
    " times that weight, and are added: the gradient of {a}{end}",
    "delta_through_one": "{a} went on to neuron {to} through a weight. Its δ comes back the same way, times that"
    " weight: the gradient of {a}{end}",
    "end": ". Times the slope of the activation, this is {delta}.",
    "end_plain": ". There is no activation, so this is {delta}.",
    "delta_plain": "{delta}, the error signal of the neuron, is the gradient of {z}: how much {root} changes for each"
    " little bit that {z} grows. There is no activation: {z} is the output itself.",
    "bias": "{target} is added as it is, so its gradient is {delta} itself.",
    "weight": "{target} is multiplied by {x}, so its gradient is {delta} times {x}.",
    "first_update": "Only now, when the last δ is known, do the weights move: had one moved before, the δ that came"
    " back through it would have been wrong. Each goes against its gradient.",
    "used_elsewhere": "{target} is used {uses} times: this is its whole gradient, with all shares",
}
"""What is told of neurons; {tag} is the place of one, {delta} its error signal, {to} the neurons that it feeds."""

NOTES = {
    "adds": "had {b}, now {n}: paths add up",
    "not_chosen": "not chosen: nothing flows",
    "dead_relu": "this relu is off, its input is not above 0: nothing flows",
    "clipped": "clipped, outside of its bounds: nothing flows",
    "convention": "a special point, where the formula does not hold: taken as {l}",
    "tie": "a tie: those that are equal share the slope, {l} each",
    "special": "a special point, where a slope is a convention",
    "condition": "a condition has no slope: nothing flows",
    "nan": "not a number: 0 × inf, or inf − inf, has no value",
    "earlier": "left from an earlier backward(): {e} (zero_grad() clears it)",
    "stale": "{name} was computed before numbers it is made of were changed",
}

FORWARD = {
    "+": "{0} and {1} are added.",
    "-": "{1} is subtracted from {0}.",
    "*": "{0} and {1} are multiplied.",
    "/": "{0} is divided by {1}.",
    "neg": "The sign of {0} is turned.",
    "**n": "{0} is raised to the power {1}.",
    "**": "{0} is raised to the power {1}.",
    "sum": "All {count} numbers are added.",
    "prod": "All {count} numbers are multiplied.",
    "dot": "A weighted sum: number by number multiplied, then added{bias}.",
    "max": "The largest of {count} numbers.",
    "min": "The smallest of {count} numbers.",
    "maximum": "The larger of {0} and {1}.",
    "minimum": "The smaller of {0} and {1}.",
    "where": "A choice: {1} if the condition holds, else {2}.",
    "relu": "relu: {0} where it is above 0, else 0.",
    "tanh": "tanh squeezes {0} into the range from −1 to 1.",
    "sigmoid": "sigmoid squeezes {0} into the range from 0 to 1.",
    "clip": "{0} is kept between {1} and {2}.",
    "identity": "The same number again, as a Value of its own.",
}


def forward(name: str, operands: Sequence[str | float]) -> str:
    """What the operation `name` does with operands given by name or number.

    >>> forward("*", ["a", 2.0]), forward("dot", ["w", "x", "b"]), forward("exp", ["h"])
    ('a and 2 are multiplied.', 'A weighted sum: number by number multiplied, then added, and b with it.',
    'exp is applied to h.')
    """
    if name not in TABLE:
        return "Made by hand: how its number was computed is not recorded."
    written = [x if isinstance(x, str) else words.number(x) for x in operands]
    if name not in FORWARD:
        listed = " and ".join([", ".join(written[:-1]), written[-1]]) if len(written) > 1 else written[0]
        return f"{name} is applied to {listed if len(written) <= words.MANY else f'{len(written)} numbers'}."
    with_bias = name == "dot" and operands[-1] != 0
    return FORWARD[name].format(*written, count=len(written), bias=f", and {written[-1]} with it" if with_bias else "")


def arithmetic(name: str, operands: Sequence[str | float]) -> str:
    """The operation as a template: {0}, {1}, … stand for the operands' numbers, {out} for the result.

    >>> arithmetic("*", ["a", "b"]), arithmetic("**n", ["a", 2.0]), arithmetic("dot", ["w", "x", "b"])
    ('{0} × {1!} = {out}', '{0!}**{1!} = {out}', '{0} × {1!} + {2!} = {out}')
    """
    if name not in TABLE or name in ("neg", "identity"):  # nothing to compute, or nothing that is not seen at once
        return "{out}"
    count = len(operands)
    if name == "dot":
        half = count // 2
        terms = [f"{{{at}{'!' if at else ''}}} × {{{half + at}!}}" for at in range(half)]
        if half > 3:
            terms[2:-1] = ["…"]
        if operands[-1] != 0:
            terms.append(f"{{{count - 1}!}}")
        return " + ".join(terms) + " = {out}"
    notation = TABLE[name].notation
    template = TIMES.sub(" × ", notation.text.replace("-", "−"))
    places = [f"{{{at}}}" for at in range(count)]
    if count > words.MANY:
        places = [*places[:2], "…", places[-1]]
    if "{}" in template:
        return template.format(", ".join(places)) + " = {out}"
    bound = notation.inside or (0,) * count
    for at, tightly in enumerate(bound):
        if tightly and (at or tightly > 2):
            places[at] = f"{{{at}!}}"
    if name == "where":
        places[0] = "{0?}"
    return template.format(*places) + " = {out}"


def reason(name: str, place: int) -> str:
    """The note that says why nothing flows to operand number `place`, should it be so: a key of `NOTES`, or empty."""
    row = TABLE[name]
    if row.rules[0 if row.variadic else place] is None:
        return "condition"
    if not row.chosen:
        return ""
    return {"relu": "dead_relu", "clip": "clipped" if place == 0 else "not_chosen"}.get(name, "not_chosen")


def share(
    gradient: float | None, local: float, flowed: float | None, is_root: bool, adds: bool, part: bool, kink: bool
) -> str:
    """Which sentence about a share fits: a key of `SENTENCES`; `part`: it is not all that its target gets."""
    if gradient is None or flowed is None:
        return "share_unknown"
    if not math.isfinite(flowed):
        return "share_infinite"
    if gradient == 0:
        return "share_zero_gradient"
    if local == 0 or (kink and not adds):
        return "kink" if kink else "share_zero_local"
    return "share_adds" if adds else "share" + "_part" * part + "_root" * is_root
