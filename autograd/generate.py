"""`python -m autograd.generate`: write `unrolled.py`, operators and functions with the table's rules in place."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from autograd import ops
from autograd.ops import TABLE
from autograd.symbols import derivative

HERE = Path(__file__).parent
OPERATORS = {"+": "add", "-": "sub", "*": "mul", "/": "truediv"}
FUNCTIONS = [n for n, row in TABLE.items() if n.isidentifier() and len(row.rules) == 1 and not row.variadic]
FUNCTIONS = [n for n in FUNCTIONS if n not in ("neg", "sign", "identity", "normal_cdf")]

HEADER = '''\
"""The operators of `Value`, and its functions of one operand, with the rules of the table written in place.

Written by `python -m autograd.generate` from `ops.py`; not to be edited. It records what `value.record` records, only
faster, and leaves to `record` whatever is out of the ordinary.
"""

from __future__ import annotations

from typing import Any

from autograd import floats, modes, value
from autograd.ops import TABLE
from autograd.value import PLAIN, Operand, Value, Wide, record

new = object.__new__
'''

BINARY = '''
ROW_{NAME} = TABLE["{row}"]


def {name}(self: Value, other: Operand) -> Value:
    """x {op} y as one node: ∂/∂x = {shown[0]}, ∂/∂y = {shown[1]}."""
    if modes.unusual:
        return record("{row}", self, other)
    try:
        x = self._data
        node = new(Value)
        if type(other) is Value:
            y = other._data
            node._data = out = x {op} y
            node._x = self
            node._dx = {dx}
            node._y = other
            node._dy = {dy}
            node._operands = None
        elif type(other) is float or type(other) is int:
            y = float(other)
            node._data = out = x {op} y
            node._x = self
            node._dx = {dx}
            node._y = None
            node._operands = y
        else:
            return record("{row}", self, other)
    except ArithmeticError:  # a division by zero or an overflow: IEEE 754 has an answer
        return record("{row}", self, other)
    node._row = ROW_{NAME}
    node._grad = node._wide = None
    return node


def r{name}(self: Value, other: Operand) -> Value:
    """x {op} y, where x is a number and y a Value."""
    if modes.unusual or not (type(other) is float or type(other) is int):
        return record("{row}", other, self)
    try:
        x = float(other)
        y = self._data
        node = new(Value)
        node._data = out = x {op} y
        node._x = self
        node._dx = {dy}
        node._y = None
        node._operands = (x, self)
    except ArithmeticError:
        return record("{row}", other, self)
    node._row = ROW_{NAME}
    node._grad = node._wide = None
    return node

'''

POWER = '''
ROW_POW = TABLE["**n"]


def pow(self: Value, other: Operand) -> Value:
    """x**n as one node: ∂/∂x = {shown[0]}; with a Value as exponent, the row `**`."""
    if modes.unusual or not (type(other) is float or type(other) is int):
        return record("**" if isinstance(other, Value) else "**n", self, other)
    try:
        x = self._data
        n = float(other)
        node = new(Value)
        node._data = out = x**n
        if type(out) is not float:  # negative ** fraction
            return record("**n", self, other)
        node._x = self
        node._dx = {dx}
        node._y = None
        node._operands = n
    except ArithmeticError:
        return record("**n", self, other)
    node._row = ROW_POW
    node._grad = node._wide = None
    return node

'''

UNARY = '''
ROW_{NAME} = TABLE["{row}"]


def {name}(self: Value) -> Value:
    """{shown_operation} as one node: ∂/∂x = {shown[0]}."""
    if modes.unusual:
        return record("{row}", self)
    try:
        x = self._data
        node = new(Value)
        node._data = out = {value}
        node._x = self
        node._dx = {dx}
        node._operands = None
    except ArithmeticError:
        return record("{row}", self)
    node._row = ROW_{NAME}
    node._y = node._grad = node._wide = None
    return node

'''

CHOOSING = '''
ROW_{NAME} = TABLE["{row}"]


def {name}(self: Value) -> Value:
    """{shown_operation} as one node: ∂/∂x = {shown[0]}, and where x is not chosen, a dead edge."""
    if modes.unusual:
        return record("{row}", self)
    x = self._data
    node = new(Value)
    node._data = out = {value}
    if {chosen}:
        node._x = self
        node._dx = {dx}
        node._operands = None
    else:
        node._x = None
        node._operands = (self,)
    node._row = ROW_{NAME}
    node._y = node._grad = node._wide = None
    return node

'''


MANY = '''
ROW_{NAME} = TABLE["{row}"]


def {name}(*operands: Any) -> Value:
    """{shown_operation} as one node, of any number of operands."""
    kinds = set(map(type, operands))
    if modes.unusual or not kinds <= PLAIN:
        return record("{row}", *operands)
    xs: list[Any] = [x._data if type(x) is Value else x for x in operands]
    node = new(Value)
    node._data = floats.{name}(*xs)
    partials = {dx}
    if len(kinds) == 1:
        node._wide = Wide(operands, partials)
    else:
        partials = [p for x, p in zip(operands, partials, strict=True) if type(x) is Value]
        node._wide = Wide([x for x in operands if type(x) is Value], partials)
    node._operands = operands
    node._row = ROW_{NAME}
    node._x = node._y = node._grad = None
    return node

'''


class InPlace(ast.NodeTransformer):
    """A rule as plain arithmetic on floats: what raises there is caught, and left to `record`."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Choices and divisions as Python writes them; any other function as that of floats."""
        self.generic_visit(node)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
        if name == "choose":
            return ast.IfExp(test=node.args[0], body=node.args[1], orelse=node.args[2])
        if name == "equal":
            return ast.Compare(left=node.args[0], ops=[ast.Eq()], comparators=[node.args[1]])
        if name == "len":
            return node
        if name in ("divide", "power"):
            symbol = ast.Div() if name == "divide" else ast.Pow()
            return ast.BinOp(left=node.args[0], op=symbol, right=node.args[1])
        return ast.Call(func=ast.parse(f"floats.{name}", mode="eval").body, args=node.args, keywords=[])

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        """Whole numbers as floats."""
        return ast.Constant(float(node.value)) if type(node.value) is int else node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """What counts places stays whole."""
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Named constants of the table as their numbers."""
        constant = getattr(ops, node.id, None)
        return ast.Constant(constant) if isinstance(constant, float) else node


def rules() -> dict[str, dict[str, list[str]]]:
    """For each row of `ops.py` the texts of its rules, and of its conditions of being chosen."""
    texts = {}
    for node in ast.walk(ast.parse((HERE / "ops.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "row":
            chosen = next((keyword.value for keyword in node.keywords if keyword.arg == "chosen"), ast.Tuple(elts=[]))
            lists = {"partials": node.args[3:], "chosen": chosen.elts}  # type: ignore[attr-defined]
            texts[ast.literal_eval(node.args[0])] = {
                key: [ast.unparse(InPlace().visit(rule.body)) for rule in rules if isinstance(rule, ast.Lambda)]
                for key, rules in lists.items()
            }
    return texts


def filled(template: str, row: str, name: str, texts: dict[str, list[str]]) -> str:
    """A template with the row's rules in it; where no rule needs the output, it gets no name."""
    shown = derivative(row, 0)
    chosen = (texts["chosen"] or [""])[0].replace("False if x <= 0.0 else True", "not x <= 0.0")
    text = template.format(
        row=row,
        op=row,
        name=name,
        NAME=name.upper(),
        dx=texts["partials"][0],
        dy=texts["partials"][-1],
        chosen=chosen,
        value="-x" if row == "neg" else f"floats.{floats_name(row)}(x)",
        shown_operation=str(shown.operation),
        shown=[derivative(row, i).text.split(" = ", 1)[1] for i, rule in enumerate(TABLE[row].rules) if rule],
    )
    return text if any("out" in rule for rule in texts["partials"]) or row == "**n" else text.replace("= out =", "=")


def floats_name(row: str) -> str:
    """What the row is called in `floats.py`."""
    return {"abs": "abs_", "sum": "sum_"}.get(row, row)


def written() -> str:
    """The whole text of `unrolled.py`."""
    texts = rules()
    parts = [HEADER]
    parts += [filled(BINARY, row, name, texts[row]) for row, name in OPERATORS.items()]
    parts += [filled(POWER, "**n", "pow", texts["**n"]), filled(UNARY, "neg", "neg", texts["neg"])]
    parts += [filled(CHOOSING if texts[row]["chosen"] else UNARY, row, row, texts[row]) for row in FUNCTIONS]
    parts += [filled(MANY, row, floats_name(row), texts[row]) for row in ("sum", "dot")]
    methods = [f"{r}{name}" for name in OPERATORS.values() for r in ("", "r")] + ["pow", "neg"]
    parts += ['\ndef install() -> None:\n    """Take the place of the methods that `value.py` spells out."""\n']
    parts += [f"    for function in ({', '.join(methods)}):\n"]
    parts += ['        setattr(Value, f"__{function.__name__}__", function)\n']
    parts += [f"    for function in ({', '.join(FUNCTIONS)}):\n"]
    parts += ["        setattr(Value, function.__name__, function)\n"]
    parts += ["        value.FAST[function.__name__] = function\n"]
    parts += ["    value.FAST.update(sum=sum_, dot=dot)\n"]
    parts += ["    Value.__abs__ = abs  # type: ignore[assignment]\n"]
    return "".join(parts)


def formatted(text: str) -> str:
    """As ruff formats it."""
    command = [sys.executable, "-m", "ruff", "format", "--line-length", "120", "-"]
    return subprocess.run(command, input=text, capture_output=True, encoding="utf-8", check=True).stdout


if __name__ == "__main__":
    (HERE / "unrolled.py").write_text(formatted(written()), encoding="utf-8")
