"""`autograd.compile` as a person meets it: calls, steps, derivatives, methods, and what it prints."""

from __future__ import annotations

import copy
import functools
import gc
import itertools
import os
import pickle
import re
import subprocess
import sys
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from side_by_side import XS, YS, agree, close, gradients, hold, mean_eagerly, network, plain, recorded

import autograd
import nn
from autograd import Value, exp, sin, tanh, where

BACKENDS = ["numpy", "python"]
HERE = Path(__file__).parent


def rosenbrock(x: Any) -> Any:
    return sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in itertools.pairwise(x))


# program(X, y) gives the value; program.backward(X, y) adds the gradients ---------------------------------------------


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_network_has_the_value_and_the_gradients_of_the_eager_engine(backend):
    model, loss = network()
    others = [[1.0, 1.0], [0.0, -0.5], [3.0, 0.125]], [0.0, 2.0, -1.0]
    program = agree(loss, (XS, YS), others, (XS, YS), parameters=model.parameters(), backend=backend)
    assert recorded(program) == 1


def test_a_call_gives_a_float_and_touches_no_gradient():
    w = Value(3.0)
    program = autograd.compile(lambda x: w * x)
    assert type(program(2.0)) is float
    assert type(program.backward(2.0)) is float
    w.zero_grad()
    program(2.0)
    assert not w.computed
    w.grad = 7.0
    program(2.0)
    assert w.grad == 7.0


def test_backward_adds_to_what_is_there_as_the_eager_one_does():
    w = Value(3.0)
    program = autograd.compile(lambda x: w * w * x)
    for times in (1, 2, 3):
        assert program.backward(2.0) == 18.0
        assert w.grad == 12.0 * times
        assert w.computed
    w.grad = -1.0
    program.backward(2.0)
    assert w.grad == 11.0
    (w * 5).backward()
    assert w.grad == 16.0


def test_the_outputs_of_one_call_are_not_changed_by_the_next():
    w = Value(2.0)
    program = autograd.compile(lambda x: [w * a for a in x])
    first = program([1.0, 2.0])
    second = program([3.0, 4.0])
    assert close(first, [2.0, 4.0])
    assert close(second, [6.0, 8.0])
    f = autograd.compile(rosenbrock)
    x = np.array([0.5, -1.0, 2.0])
    for ask in (lambda x: f.value_and_grad(x)[1], f.hessian, autograd.compile(lambda x: [a * a for a in x]).jacobian):
        before = ask(x)
        kept = plain(before)
        ask(2 * x)
        assert plain(before) == kept


def test_an_output_that_does_not_depend_on_a_parameter_has_gradient_0_for_it():
    w, unused, cut = Value(3.0), Value(5.0), Value(7.0)

    def f(x: Any) -> Any:
        unused * x  # met, but not part of the result
        return w * x + 0.0 * unused + cut.detach()

    agree(f, (2.0,), (-1.0,), parameters=[w, unused, cut])
    program = autograd.compile(lambda x: [w * x, unused * x])
    assert close(program.jacobian(2.0), [3.0, 5.0])
    assert close(autograd.compile(lambda x, y: w * x).value_and_grad(2.0, 5.0), (6.0, (3.0, 0.0)))


# program.step(X, y): zero, forward, backward, update; the loss --------------------------------------------------------


def test_a_step_is_zero_forward_backward_update_and_gives_the_loss_before_it():
    (model, loss), (other, other_loss) = network(), network()
    program = autograd.compile(loss, optimizer=nn.SGD(model.parameters(), lr=0.1))
    optimizer = nn.SGD(other.parameters(), lr=0.1)
    for p in model.parameters():
        p.grad = 1000.0  # is zeroed, not added to
    for _ in range(5):
        found = program.step(XS, YS)
        expected = other_loss(XS, YS)
        optimizer.zero_grad()
        expected.backward()
        optimizer.step()
        assert type(found) is float
        assert close(found, expected)
        assert close(gradients(model.parameters()), gradients(other.parameters()))
        assert close(list(model.state_dict().values()), list(other.state_dict().values()))


def test_a_step_without_an_optimiser_says_what_to_write():
    w = Value(3.0)
    with pytest.raises(TypeError, match=r"autograd\.compile\(.*optimizer=nn\."):
        autograd.compile(lambda x: w * x).step(1.0)


@pytest.mark.parametrize("wrong", [nn.SGD, 0.1, "adam", [Value(1.0)]])
def test_an_optimiser_that_is_none_is_refused_at_once(wrong):
    with pytest.raises(TypeError, match=r"optimizer= takes"):
        autograd.compile(lambda x: x, optimizer=wrong)


# f.value_and_grad(x); f.hessian(x); jacobian --------------------------------------------------------------------------


def weighted(x: Any, y: Any) -> Any:
    return sum(a * b * b for a, b in zip(x, y[0], strict=True)) * y[1]


@pytest.mark.parametrize(
    ("f", "inputs"),
    [
        (lambda x: x**3, (2.0,)),
        (lambda x: x**3, (2,)),
        (lambda x, y: x * y * y, (2.0, 3.0)),
        (rosenbrock, ([0.5, -1.0, 2.0],)),
        (lambda x: rosenbrock(list(x)), ((0.5, -1.0, 2.0),)),
        (rosenbrock, (np.array([0.5, -1.0, 2.0]),)),
        (lambda x: sum(a * b for row in x for a, b in zip(row, row[::-1], strict=True)), ([[1.0, 2.0], [3.0], []],)),
        (lambda x: (x @ x).sum(), (np.array([[1.0, 2.0], [3.0, 4.0]]),)),
        (weighted, ([1.0, 2.0], [[3.0, 4.0], 5.0])),
        (lambda x, y: sum(a * b for a, b in zip(x, y[0], strict=True)), (np.array([1.0, 2.0]), [np.array([3.0, 4.0])])),
    ],
)
@pytest.mark.parametrize("backend", BACKENDS)
def test_gradients_by_the_inputs_are_nested_as_these_are(f, inputs, backend):
    program = autograd.compile(f, backend=backend)
    numbers = tuple(range(len(inputs)))
    for given in (inputs, tuple(2 * x if isinstance(x, (float, np.ndarray)) else x for x in inputs)):
        value, grads = program.value_and_grad(*given)
        expected, expected_grads = autograd.value_and_grad(f, argnums=numbers if len(numbers) > 1 else 0)(*given)
        assert close(value, expected)
        assert close(grads, expected_grads)
        assert close(program.grad(*given), expected_grads)
        assert same_form(grads, expected_grads)


def same_form(x: Any, y: Any) -> bool:
    """Float for float, list for list, array for array."""
    if type(x) is not type(y):
        return False
    if isinstance(x, np.ndarray):
        return bool(x.shape == y.shape and x.dtype == y.dtype)
    return not isinstance(x, (list, tuple)) or all(same_form(a, b) for a, b in zip(x, y, strict=True))


def test_gradients_by_the_inputs_leave_the_parameters_alone():
    w = Value(3.0)
    program = autograd.compile(lambda x: w * x * x)
    assert program.value_and_grad(2.0) == (12.0, 12.0)
    assert not w.computed
    program.backward(2.0)
    program.value_and_grad(5.0)
    assert w.grad == 4.0


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (rosenbrock, [0.5, -1.0, 2.0, 1.0]),
        (rosenbrock, np.array([0.5, -1.0, 2.0])),
        (lambda x: x**3, 2.0),
        (lambda x: x[0] * 2 + x[1], [1.0, 2.0]),
        (lambda x: exp(x[0] * x[1]) + sin(x[2]) * x[0], [0.5, -1.0, 2.0]),
        (lambda x: x[0][0] * x[0][1] * x[1][0], [[1.0, 2.0], [3.0, 4.0]]),
        (lambda x: x[0][0] * x[0][1] * x[1][0], [[1.0, 2.0], [3.0]]),
        (lambda x: where(x[0] > x[1], x[0] ** 3, x[1] ** 2 * x[0]), [1.0, 2.0]),
        (lambda x: (x @ x).sum(), np.array([[1.0, 2.0], [3.0, 4.0]])),
    ],
)
def test_the_hessian_is_that_of_the_eager_engine(f, x):
    program = autograd.compile(f)
    for given in (x, x if isinstance(x, list) else x * 1.5, x):
        found, expected = program.hessian(given), autograd.hessian(f)(given)
        assert close(found, expected)
        assert same_form(found, expected)


def test_the_hessian_follows_the_parameters():
    w = Value(3.0)
    program = autograd.compile(lambda x: w * x[0] * x[0] * x[1])
    assert close(program.hessian([1.0, 2.0]), [[12.0, 6.0], [6.0, 0.0]])
    w.data = -1.0
    assert close(program.hessian([1.0, 2.0]), [[-4.0, -2.0], [-2.0, 0.0]])
    assert not w.computed


def test_a_hessian_where_the_function_branches_is_that_of_the_branch():
    def f(x: Any) -> Any:
        return x[0] ** 3 if x[0] > x[1] else x[1] ** 4

    program = autograd.compile(f)
    for x in ([2.0, 1.0], [1.0, 2.0], [5.0, 4.0], [-1.0, 0.5]):
        assert close(program.hessian(x), autograd.hessian(f)(x))


def test_a_list_of_values_gives_a_list_and_its_jacobian():
    w = Value(3.0)

    def f(x: Any) -> Any:
        return [w * x[0], x[0] * x[1], sin(x[1]), Value(4.0)]

    program = autograd.compile(f)
    for x in ([1.0, 2.0], [0.5, -3.0], np.array([1.0, 2.0])):
        found = program(x)
        assert isinstance(found, list)
        assert all(type(item) is float for item in found)
        assert close(found, f(x))
        assert close(program.jacobian(x), autograd.jacobian(f)(x))
        assert same_form(program.jacobian(x), autograd.jacobian(f)(x))
    assert not w.computed


def test_a_list_as_long_as_the_branches_make_it():
    w = Value(3.0)
    f = lambda xs: [w * x * x for x in xs if x > 0]  # noqa: E731
    program = autograd.compile(f)
    for xs in ([1.0, -1.0], [1.0, 2.0], [-1.0, -2.0], [-3.0, 4.0], [5.0, -1.0]):
        assert close(program(xs), f(xs))
        assert close(program.jacobian(xs), autograd.jacobian(f)(xs))


def test_outputs_may_be_constants_parameters_inputs_and_one_value_twice():
    w = Value(3.0)

    def f(x: Any) -> Any:
        y = w * x[0]
        return [y, w, 3.0, x[0], y, x[1] * 0, x[0] * x[1]]

    program = autograd.compile(f)
    for x in ([1.0, 2.0], [-4.0, 0.5]):
        assert close(program(x), f(x))
        assert close(
            program.jacobian(x), [[3.0, 0.0], [0.0] * 2, [0.0] * 2, [1.0, 0.0], [3.0, 0.0], [0.0] * 2, x[::-1]]
        )
    nested = autograd.compile(lambda x: [[x[0] * w, x[1]], [x[0] * x[1]]])
    assert close(nested([2.0, 3.0]), [[6.0, 3.0], [6.0]])
    assert close(nested.jacobian([2.0, 3.0]), [[[3.0, 0.0], [0.0, 1.0]], [[3.0, 2.0]]])


@pytest.mark.parametrize(
    ("f", "value", "gradient"),
    [
        (lambda x, w: w, 3.0, [0.0, 0.0]),
        (lambda x, w: x[1], 2.0, [0.0, 1.0]),
        (lambda x, w: 5.0, 5.0, [0.0, 0.0]),
        (lambda x, w: x[0] * 0 + w * 0, 0.0, [0.0, 0.0]),
        (lambda x, w: x[0] - x[0], 0.0, [0.0, 0.0]),
        (lambda x, w: x[0] + x[0] + x[0], 3.0, [3.0, 0.0]),
        (lambda x, w: (w * x[0]).detach() * x[1], 6.0, [0.0, 3.0]),
    ],
)
def test_the_simplest_functions(f, value, gradient):
    w = Value(3.0)
    g = lambda x: f(x, w)  # noqa: E731
    for backend in BACKENDS:
        program = agree(g, ([1.0, 2.0],), ([1.0, 2.0],), parameters=[w], backend=backend)
        assert close(program.value_and_grad([1.0, 2.0]), (value, gradient))
        assert close(program.hessian([1.0, 2.0]), [[0.0, 0.0], [0.0, 0.0]])


def test_the_same_list_given_twice_has_two_gradients():
    f = lambda a, b: sum(x * y * y for x, y in zip(a, b, strict=True))  # noqa: E731
    xs = [1.0, 2.0]
    assert close(autograd.compile(f).value_and_grad(xs, xs), (9.0, ([1.0, 4.0], [2.0, 8.0])))


def test_a_list_of_one_stays_a_list():
    w = Value(3.0)
    program = autograd.compile(lambda x: [w * x])
    assert program(2.0) == [6.0]
    assert program.jacobian(2.0) == [3.0]


def test_backward_and_step_of_a_list_say_so():
    w = Value(3.0)
    program = autograd.compile(lambda x: [w * x, x], optimizer=nn.SGD([w], lr=0.1))
    for ask in (program.backward, program.step, program.value_and_grad, program.hessian):
        with pytest.raises(TypeError, match=r"one Value"):
            ask(2.0)
    assert w.data == 3.0
    assert not w.computed
    with pytest.raises(TypeError, match=r"list of Values"):
        autograd.compile(lambda x: w * x).jacobian(2.0)


# Decorators, methods, modules -----------------------------------------------------------------------------------------


def test_it_decorates_with_and_without_brackets():
    w = Value(3.0)

    @autograd.compile
    def plainly(x: Any) -> Any:
        """What it is for."""
        return w * x

    @autograd.compile(batch=True)
    def batched(x: Any) -> Any:
        return w * x

    assert plainly(2.0) == 6.0
    assert batched([1.0, 2.0, 6.0]) == 9.0
    assert (plainly.__name__, plainly.__doc__) == ("plainly", "What it is for.")


class Model(nn.Module):
    def __init__(self, w: float) -> None:
        self.w = Value(w)

    def forward(self, x: Any) -> Any:
        return self.w * x * x

    def loss(self, x: Any, y: Any) -> Any:
        return (self(x) - y) ** 2

    @autograd.compile
    def decorated(self, x: Any) -> Any:
        return self.w * x

    @autograd.compile(batch=True)
    def of_one(self, x: Any) -> Any:
        return self.w * x, self.w * self.w


def test_methods_and_modules_compile():
    model = Model(3.0)
    agree(model.loss, (2.0, 1.0), (0.5, -1.0), parameters=[model.w])
    agree(model, (2.0,), (0.5,), parameters=[model.w])
    agree(functools.partial(model.loss, y=2.0), (2.0,), (0.5,), parameters=[model.w])
    agree(functools.partial(model.loss, 2.0), (1.0,), (-1.0,), parameters=[model.w])


def test_a_decorated_method_belongs_to_each_object_by_itself():
    first, second = Model(3.0), Model(5.0)
    assert (first.decorated(2.0), second.decorated(2.0), first.decorated(1.0)) == (6.0, 10.0, 3.0)
    first.decorated.backward(7.0)
    assert (first.w.grad, second.w.computed) == (7.0, False)
    second.w.data = -1.0
    assert (first.decorated(2.0), second.decorated(2.0)) == (6.0, -2.0)
    assert first.of_one([1.0, 3.0]) == 3.0 * 2.0 + 9.0
    assert second.of_one([1.0, 3.0]) == -2.0 + 1.0


def test_objects_made_and_dropped_do_not_get_each_others_programs():
    # An object's id is given out again as soon as it is gone.
    for w in range(20):
        assert Model(float(w)).decorated(2.0) == 2.0 * w


def test_an_object_with_a_compiled_method_is_copied_and_pickled():
    model = Model(3.0)
    model.loss_of = autograd.compile(lambda x: model.w * x * x)
    assert (model.decorated(2.0), model.loss_of(2.0)) == (6.0, 12.0)
    assert list(model.state_dict()) == ["w"]
    del model.loss_of
    for other in (copy.deepcopy(model), copy.copy(model), pickle.loads(pickle.dumps(model))):
        assert other.decorated(2.0) == 6.0
    other = copy.deepcopy(model)
    other.w.data = 5.0
    assert (other.decorated(2.0), model.decorated(2.0)) == (10.0, 6.0)
    other.decorated.backward(1.0)
    assert (other.w.grad, model.w.computed) == (1.0, False)


def test_objects_of_every_kind_have_compiled_methods():
    class Slots:
        __slots__ = ("w",)

        def __init__(self, w: float) -> None:
            self.w = Value(w)

        @autograd.compile
        def f(self, x: Any) -> Any:
            return self.w * x

    class Equal(Model):
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = None

    class Same(Equal):
        def __hash__(self) -> int:
            return 1

    class Static:
        w = Value(7.0)

        @staticmethod
        @autograd.compile
        def f(x: Any) -> Any:
            return Static.w * x

    assert (Equal(3.0).decorated(2.0), Equal(5.0).decorated(2.0)) == (6.0, 10.0)
    assert (Same(3.0).decorated(2.0), Same(5.0).decorated(2.0)) == (6.0, 10.0)
    assert (Static.f(2.0), Static().f(2.0)) == (14.0, 14.0)
    assert (Slots(3.0).f(2.0), Slots(5.0).f(2.0)) == (6.0, 10.0)


def test_an_object_is_freed_though_its_method_was_compiled():
    model = Model(3.0)
    assert model.decorated(2.0) == 6.0
    reference = weakref.ref(model)
    del model
    gc.collect()
    assert reference() is None


def test_keywords_and_defaults_are_inputs():
    w = Value(3.0)

    def f(x: Any, y: Any = 2.0, *, z: Any = 5.0) -> Any:
        return w * x * y + z

    program = autograd.compile(f)
    assert program(1.0) == 11.0
    assert program(1.0, 4.0) == 17.0
    assert program(x=1.0, y=4.0) == 17.0
    assert program(1.0, y=-1.0) == 2.0
    assert program(1.0, z=0.0) == 6.0
    assert program(1.0) == 11.0
    w.zero_grad()
    program.backward(2.0, y=3.0)
    assert w.grad == 6.0
    for wrong in ((), (1.0, 2.0, 3.0)):
        with pytest.raises(TypeError, match=r"f\(\)"):
            program(*wrong)
    with pytest.raises(TypeError, match=r"q"):
        program(1.0, q=2.0)


def test_any_number_of_arguments():
    w = Value(3.0)
    agree(lambda *xs: w * sum(xs), (1.0,), (1.0, 2.0), (4.0, 5.0), (2.0, 3.0, 4.0), parameters=[w])


def test_functions_of_the_library_and_of_numpy_compile_themselves():
    for f, x in ((tanh, 0.5), (np.sin, 0.5), (autograd.softmax, [1.0, 2.0]), (abs, -2.0)):
        program = autograd.compile(f)
        assert close(program(x), f(x))
    assert close(autograd.compile(tanh).value_and_grad(0.5), autograd.value_and_grad(tanh)(0.5))


def test_a_function_without_source_compiles():
    # As typed at a prompt, or made by a program.
    scope: dict[str, Any] = {"w": Value(3.0)}
    exec("def f(xs):\n    total = 0\n    for x in xs:\n        total = total + w * x\n    return total", scope)
    program = agree(scope["f"], ([1.0, 2.0],), ([3.0, -1.0],), parameters=[scope["w"]])
    assert "scalars" in str(program)
    done = subprocess.run(
        [sys.executable, "-c", "import autograd\nw = autograd.Value(3.0)\n"
         "p = autograd.compile(lambda x: w * x if x > 0 else w)\nprint(p(2.0), p(-1.0), len(str(p)) > 0)"],
        capture_output=True, text=True, check=True, cwd=HERE.parent,
    )  # fmt: skip
    assert done.stdout == "6.0 3.0 True\n"


# What it prints -------------------------------------------------------------------------------------------------------


def test_print_says_how_many_scalars_became_how_many_operations_and_where_from():
    _, loss = network()
    program = autograd.compile(loss)
    assert str(program)
    assert "scalars" not in str(program)
    program(XS, YS)
    lines = str(program).splitlines()
    head = re.fullmatch(r"([\d,]+) scalars → (\d+) array operations", lines[0])
    assert head, lines[0]
    assert int(head[2]) < 20 < int(head[1].replace(",", ""))
    assert len(lines) - 1 >= int(head[2])
    assert any("layers.py" in line for line in lines)
    assert any("side_by_side.py" in line for line in lines)
    assert any("tanh" in line for line in lines)
    assert "compiled" in repr(program)
    report = str(program.report())
    for word in ("trace", "clean", "re-roll", "adjoint", "numpy", "check", "ms", "MB"):
        assert word in report


def test_asking_for_text_changes_nothing():
    w = Value(3.0)
    program = autograd.compile(lambda x: w * x)
    for _ in range(2):
        str(program), repr(program), program.report(), program.constants
        assert program.backward(2.0) == 6.0
    assert w.grad == 4.0


def test_an_irregular_program_and_a_trivial_one_print_too():
    w = Value(3.0)
    for f in (lambda x: w, lambda x: x, lambda x: 1.0, lambda x: w * x, lambda x: [], lambda x: [w, w]):
        program = autograd.compile(f)
        program(1.0)
        assert "scalars" in str(program)


def test_the_name_is_lazy_and_the_core_stays_light():
    script = (
        "import sys, autograd\n"
        "assert not any(m == 'numpy' or m.startswith(('autograd.compiler', 'autograd.show')) for m in sys.modules)\n"
        "assert 'compile' not in autograd.__all__ and 'compile' in dir(autograd)\n"
        "exec('from autograd import *')\n"
        "assert compile is __builtins__.compile\n"
        "first = autograd.compile\n"
        "first(lambda x: x * x)(2.0)\n"
        "assert autograd.compile is first and callable(autograd.compile)\n"
        "import autograd.compiler\n"
        "assert autograd.compile is first\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=HERE.parent)


def test_the_same_program_gives_the_same_bytes_whatever_the_hash_seed():
    script = (
        "import autograd, nn\n"
        "model = nn.MLP(3, [5, 4, 1], activation='tanh', seed=1)\n"
        "def loss(xs, ys):\n"
        "    total = sum((model(x) - y) ** 2 if y > 0 else model(x) ** 4 for x, y in zip(xs, ys))\n"
        "    return total + 0.01 * sum(p * p for p in model.parameters())\n"
        "program = autograd.compile(loss, optimizer=nn.Adam(model.parameters(), lr=0.1))\n"
        "xs = [[0.1 * i, 0.2, -0.3 * i] for i in range(6)]\n"
        "ys = [1.0, -1.0, 0.5, 2.0, -3.0, 1.0]\n"
        "for _ in range(3): print(program.step(xs, ys).hex())\n"
        "print([p.data.hex() for p in model.parameters()], [p.grad.hex() for p in model.parameters()])\n"
        "print(program)\n"
        "print([x.hex() for row in autograd.compile(lambda x: x[0] * x[1] ** 3).hessian([1.5, 2.5]) for x in row])\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True, check=True, cwd=HERE.parent, env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("0", "1", "4242")
    }  # fmt: skip
    assert len(outputs) == 1


# Helpers of these tests -----------------------------------------------------------------------------------------------


def test_the_comparison_sees_what_differs():
    assert close([1.0, [float("nan")]], [1.0, [float("nan")]])
    for x, y in (([1.0], 1.0), ([1.0], [1.0, 2.0]), (float("nan"), 1.0), (float("inf"), 1e308), (1.0, 1.0 + 1e-11)):
        assert not close(x, y)
    w = Value(3.0)
    assert mean_eagerly(lambda x: (w * x, w), ([1.0, 2.0],), [w]) == (7.5, [2.5])
    with pytest.raises(AssertionError):
        hold(autograd.compile(lambda x: w * x), lambda x: w * x * 1.001, (2.0,), parameters=[w])
    with pytest.raises(AssertionError):
        hold(autograd.compile(lambda x: w.detach() * x), lambda x: w * x, (2.0,), parameters=[w])
