"""The shape of the packages: what loads what, which names there are, how much there is to read, what is shipped."""

from __future__ import annotations

import ast
import builtins
import io
import re
import shutil
import subprocess
import sys
import tokenize
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import autograd
import nn

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {"autograd": autograd, "nn": nn}
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

PROMISED = {
    "autograd": """
        Value no_grad detect_anomaly
        exp expm1 log log1p log2 log10 sqrt sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh
        sigmoid softplus relu leaky_relu elu gelu silu erf abs maximum minimum clip where equal hypot xlogy
        sum prod mean max min dot logsumexp softmax log_softmax draw steps explain
    """.split(),
    "nn": """
        Module Neuron Layer MLP Sequential
        mse_loss binary_cross_entropy binary_cross_entropy_with_logits cross_entropy hinge_loss SGD Adam
    """.split(),
}


def fresh(program: str) -> str:
    """What `program` prints in a process of its own, which warns of nothing."""
    command = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr + program
    return done.stdout.strip()


def modules(package: str) -> list[Path]:
    """The files of a package, in order."""
    found = sorted((ROOT / package).rglob("*.py"))
    assert found
    return found


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def imported(path: Path) -> Iterator[str]:
    """The first component of everything that a file imports, anywhere in it."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


# What loads what ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("package", PACKAGES)
def test_importing_loads_neither_numpy_nor_a_drawing_library(package: str) -> None:
    heavy = ["numpy", "scipy", "matplotlib", "graphviz", "sklearn", "tqdm", "autograd.show", "autograd.compiler"]
    assert fresh(f"import sys, {package}; print([m for m in {heavy} if m in sys.modules])") == "[]"


@pytest.mark.parametrize("path", modules("autograd"), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_of_autograd_imports_nn(path: Path) -> None:
    assert "nn" not in imported(path)


def test_all_of_autograd_loads_without_nn() -> None:
    assert (
        fresh(
            "import autograd, importlib, pkgutil, sys\n"
            "for found in pkgutil.walk_packages(autograd.__path__, 'autograd.'):\n"
            "    if not found.name.endswith('__main__'):\n"
            "        importlib.import_module(found.name)\n"
            "print([name for name in sys.modules if name.partition('.')[0] == 'nn'])"
        )
        == "[]"
    )


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_what_it_declares(package: str) -> None:
    extras = {name for names in PYPROJECT["project"]["optional-dependencies"].values() for name in names}
    modules_of = {"scikit-learn": {"sklearn"}, "jupyterlab": {"IPython"}, "pillow": {"PIL"}, "resvg-py": {"resvg_py"}}
    declared = {module for name in extras for module in modules_of.get(name, {name})}
    known = declared | {"numpy", "graphviz"} | set(sys.stdlib_module_names) | set(PACKAGES)
    foreign = {(path.name, name) for path in modules(package) for name in imported(path) if name not in known}
    assert not foreign, "declare what these import in pyproject.toml, or do without"


# Names ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("package", "name"), [(package, name) for package in PACKAGES for name in PROMISED[package]])
def test_a_promised_name_is_there(package: str, name: str) -> None:
    assert callable(getattr(PACKAGES[package], name))


@pytest.mark.parametrize("package", PACKAGES)
def test_import_star_takes_no_name_of_python_away(package: str) -> None:
    listed = PACKAGES[package].__all__
    assert not set(listed) & set(dir(builtins))
    assert len(listed) == len(set(listed))
    assert set(PROMISED[package]) - set(dir(builtins)) <= set(listed)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_is_exported_or_a_module(package: str) -> None:
    stray = fresh(
        f"import types, {package} as p\n"
        "print(sorted(n for n in vars(p) if n[0] != '_' and n not in p.__all__ and not isinstance(vars(p)[n],"
        " types.ModuleType)))"
    )
    assert set(ast.literal_eval(stray)) <= {"sum", "abs", "max", "min", "compile", "annotations"}


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_bears_the_name_of_a_public_function(package: str) -> None:
    public = {*PROMISED[package], *PACKAGES[package].__all__, "sum", "abs", "max", "min", "compile"}
    public |= {"grad", "value_and_grad", "gradients", "jacobian", "hessian", "hvp", "jvp", "vjp", "gradcheck"}
    public |= {"steps", "explain", "fit", "save", "load"}
    inside = {path.stem for path in (ROOT / package).iterdir() if path.suffix == ".py" or path.is_dir()}
    assert not inside & public, "importing such a module rebinds the name"


USES = {  # how a name is used, where `name(0.5)` will not do; x is Value(0.5)
    "no_grad": "no_grad()",
    "detect_anomaly": "detect_anomaly()",
    "acosh": "acosh(1.5)",
    **{name: f"{name}(0.5, 0.25)" for name in ("atan2", "maximum", "minimum", "equal", "hypot", "xlogy")},
    **{name: f"{name}([0.5, 0.25])" for name in "sum prod mean max min logsumexp softmax log_softmax".split()},
    "clip": "clip(0.5, 0.0, 1.0)",
    "where": "where(True, 0.5, 0.25)",
    "dot": "dot([0.5], [0.25])",
    "draw": "draw(x)",
    "steps": "steps(x * x)",
    "explain": "explain(x * x, x)",
    "grad": "grad(autograd.exp)(0.5)",
    "value_and_grad": "value_and_grad(autograd.exp)(0.5)",
    "gradients": "gradients(x * x, [x])",
    **{name: f"{name}(lambda v: v[0] * v[0])([0.5])" for name in ("jacobian", "hessian")},
    **{name: f"{name}(autograd.exp, 0.5, 1.0)" for name in ("jvp", "hvp")},
    **{name: f"{name}(autograd.exp, 0.5)" for name in ("vjp", "gradcheck")},
    "Module": "Module()",
    "Neuron": "Neuron(2)",
    "Layer": "Layer(2, 2)",
    "MLP": "MLP(2, [2, 1])",
    "Sequential": "Sequential(nn.Layer(2, 1))",
    **{name: f"{name}([0.5], [1.0])" for name in PROMISED["nn"] if name.endswith(("loss", "entropy", "logits"))},
    "cross_entropy": "cross_entropy([[0.5, 0.25]], [1])",
    "SGD": "SGD([x], lr=0.1)",
    "Adam": "Adam([x], lr=0.1)",
}


def lazy_names(package: str) -> list[str]:
    """The public names that are fetched when first asked for."""
    present = ast.literal_eval(fresh(f"import {package}; print(list(vars({package})))"))
    return [name for name in sorted({*PROMISED[package], *PACKAGES[package].__all__}) if name not in present]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_can_be_used_twice(package: str) -> None:
    names = sorted({*PROMISED[package], *PACKAGES[package].__all__})
    lazy = lazy_names(package)
    for group in [[name for name in names if name not in lazy], *([name] for name in lazy)]:
        lines = ["import autograd, nn; x = autograd.Value(0.5)"]
        for name in group:
            use = f"{package}.{USES.get(name, f'{name}(0.5)')}"
            lines += [f"first = {package}.{name}", use, use, f"assert {package}.{name} is first, {name!r}"]
        fresh("\n".join(lines))


# The table is the only place that states a derivative -----------------------------------------------------------------

HAS_A_ROW = {
    *("exp expm1 exp2 log log1p log2 log10 sqrt cbrt sin cos tan asin acos atan atan2 sinh cosh tanh".split()),
    *("asinh acosh atanh erf erfc hypot pow fabs fsum prod sumprod fmod remainder gamma lgamma dist".split()),
}
COMPUTES_ON_FLOATS = {"functions.py", "floats.py", "unrolled.py"}  # unrolled.py is generated from the table


@pytest.mark.parametrize(
    "path",
    [path for path in sorted((ROOT / "autograd").glob("*.py")) if path.name not in COMPUTES_ON_FLOATS],
    ids=lambda path: path.name,
)
def test_no_function_of_math_is_used_where_any_number_type_must_pass(path: Path) -> None:
    """A rule written with `math.exp` would be one for floats alone. Constants, computed once at import, may use it."""
    called = set()
    for function in ast.walk(tree(path)):
        if isinstance(function, ast.FunctionDef | ast.Lambda):
            for node in ast.walk(function):
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "math":
                    called.add(node.attr)
    assert not called & HAS_A_ROW


@pytest.mark.parametrize("path", modules("autograd") + modules("nn"), ids=lambda path: str(path.relative_to(ROOT)))
def test_functions_of_math_are_not_imported_by_name(path: Path) -> None:
    """So that the test above sees them all."""
    if path.name in COMPUTES_ON_FLOATS:
        return
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module in ("math", "cmath"):
            assert not {alias.name for alias in node.names} & HAS_A_ROW


# Small enough to read in one evening ----------------------------------------------------------------------------------


def lines_of_code(path: Path) -> set[int]:
    """The numbers of the lines that hold code: neither blank, nor comment alone, nor part of a docstring.

    A docstring is any statement that is a string and nothing else.
    """
    text = path.read_text("utf-8")
    silent = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in silent:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


def arithmetic_rows() -> set[int]:
    """The lines of ops.py that state the rows of + - * / neg and the two powers."""
    names, lines = set(), set()
    for node in tree(ROOT / "autograd/ops.py").body:
        match node:
            case ast.Expr(ast.Call(func=ast.Name("row"), args=[ast.Constant(str(name)), *_])):
                if name in {"+", "-", "*", "/", "neg", "**", "**n"}:
                    names.add(name)
                    lines.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    assert len(names) == 7, f"the arithmetic rows are written as row(name, …); found only {sorted(names)}"
    return lines & lines_of_code(ROOT / "autograd/ops.py")


def test_what_must_be_read_is_at_most_400_lines() -> None:
    count = {name: len(lines_of_code(ROOT / "autograd" / name)) for name in ("value.py", "graph.py")}
    count["the arithmetic rows of ops.py"] = len(arithmetic_rows())
    assert sum(count.values()) <= 400, count


def test_addition_multiplication_and_backward_come_first() -> None:
    (value,) = (node for node in tree(ROOT / "autograd/value.py").body if getattr(node, "name", "") == "Value")
    assert isinstance(value, ast.ClassDef)
    ends = {node.name: node.end_lineno for node in value.body if isinstance(node, ast.FunctionDef)}
    first = {name: ends[name] for name in ("__add__", "__mul__", "backward")}
    assert all(line is not None and line <= 120 for line in first.values()), first


# What is shipped ------------------------------------------------------------------------------------------------------


def test_the_wheel_holds_both_packages_with_their_types_and_nothing_else(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / name, source)
    if (ROOT / "README.md").exists():
        shutil.copy(ROOT / "README.md", source)
    for name in (*PACKAGES, "tests"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", str(tmp_path), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("scalar_autograd-*-py3-none-any.whl")
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    files = {path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file()}
    assert held == {path.relative_to(ROOT).as_posix() for path in files if "__pycache__" not in path.parts}
    assert {"autograd/py.typed", "nn/py.typed"} <= held


def test_the_extras_hold_what_is_promised() -> None:
    extras = PYPROJECT["project"]["optional-dependencies"]
    asked = {
        extra
        for package in PACKAGES
        for path in modules(package)
        for found in re.findall(r"scalar-autograd\[([a-z,]+)\]", path.read_text("utf-8"))
        for extra in found.split(",")
    }
    assert asked <= set(extras), "an error message names an extra that is not in pyproject.toml"
    assert [re.split("[<>=]", d)[0] for d in PYPROJECT["project"]["dependencies"]] == ["numpy", "graphviz"]
    assert extras["plots"] == ["matplotlib", "tqdm"]
    assert extras["data"] == ["scikit-learn"]
    assert {"notebooks", "all"} <= set(extras)
    assert not any(requirement.startswith(("jax", "scipy", "torch")) for requirement in extras["test"])


def test_a_program_of_a_user_runs() -> None:
    fresh(f"import runpy; runpy.run_path({str(ROOT / 'tests/typed_program.py')!r}, run_name='__main__')")


def test_a_program_of_a_user_is_well_typed_and_one_with_faults_is_not(tmp_path: Path) -> None:
    """Without `py.typed`, or with everything Any, the faults would not be found."""
    program, faulty = ROOT / "tests/typed_program.py", tmp_path / "faulty.py"
    faulty.write_text("from autograd import Value\nfrom nn import MLP\nValue(1.0).backwards()\nMLP(2)\nMLP('2', [1])\n")
    command = [sys.executable, "-m", "mypy", str(program), str(faulty)]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    errors = [line for line in found.splitlines() if " error: " in line]
    assert [line for line in errors if "faulty.py" not in line] == []
    assert [int(line.split("faulty.py:")[1].split(":")[0]) for line in errors] == [3, 4, 5], found
