"""A training step with Adam of a one-layer transformer over scalars, compiled; the same on tensors beside it."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.pace import pace, promise
from benchmarks.runner import Result, disagreement, in_turn, median, run
from benchmarks.table import Row

ENGINES = ("autograd", "eager", "torch", "jax_jit")
LENGTHS = (8, 16)
TEXTS = 16  # each step has another text, in turn
LR, BETAS, EPS = 0.01, (0.9, 0.999), 1e-8  # of Adam
NORM_EPS = 1e-5

Step = Callable[[int], float]


def texts(length: int) -> list[tuple[list[int], list[int]]]:
    """Tokens and, for each, the target: the same tokens in another order in each text, and any targets.

    So every text reaches the same parameters. Of one that no text reaches the gradient is 0 in some engines and none in
    others; what moves by its momentum would stand still there.
    """
    rng = random.Random(1)
    tokens = [rng.randrange(27) for _ in range(length)]
    return [(rng.sample(tokens, length), [rng.randrange(27) for _ in range(length)]) for _ in range(TEXTS)]


def numbers() -> dict[str, list[list[float]]]:
    """The initial parameters of the model, by name."""
    from benchmarks.programs import Transformer

    return {name: [[p.data for p in row] for row in matrix] for name, matrix in Transformer().state.items()}


def compiled(length: int) -> Step:
    """The model over lists of scalars; tokens and targets are lists of integers."""
    import autograd
    from benchmarks.programs import Transformer
    from nn import Adam

    model = Transformer()
    program = autograd.compile(model.loss, optimizer=Adam(model.parameters(), lr=LR, betas=BETAS, eps=EPS))
    given = texts(length)
    return lambda k: program.step(*given[k % TEXTS])


def eager(length: int) -> Step:
    """The same model, its graph made anew at each step."""
    from benchmarks.programs import Transformer
    from nn import Adam

    model = Transformer()
    optimizer = Adam(model.parameters(), lr=LR, betas=BETAS, eps=EPS)
    given = texts(length)

    def step(k: int) -> float:
        loss = model.loss(*given[k % TEXTS])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return float(loss.data)

    return step


def torch_eager(length: int, fused: bool = True) -> Step:
    """Whole tensors, PyTorch's own attention, cross-entropy and fused Adam."""
    import torch

    torch.set_num_threads(1)
    functional = torch.nn.functional
    p = {name: torch.tensor(m, dtype=torch.float64, requires_grad=True) for name, m in numbers().items()}
    optimizer = torch.optim.Adam(p.values(), lr=LR, betas=BETAS, eps=EPS, fused=fused)
    given = [(torch.tensor(tokens), torch.tensor(targets)) for tokens, targets in texts(length)]
    heads, width = 4, p["wte"].shape[1]

    def norm(x: Any) -> Any:
        return x * ((x * x).mean(-1, keepdim=True) + NORM_EPS) ** -0.5

    def split(x: Any) -> Any:
        return x.view(length, heads, width // heads).transpose(0, 1)

    def step(k: int) -> float:
        tokens, targets = given[k % TEXTS]
        before = norm(p["wte"][tokens] + p["wpe"][:length])
        x = norm(before)
        query, key, value = (split(functional.linear(x, p[name])) for name in ("wq", "wk", "wv"))
        found = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        before = before + functional.linear(found.transpose(0, 1).reshape(length, width), p["wo"])
        inner = functional.linear(norm(before), p["w1"]).relu()
        x = before + functional.linear(inner, p["w2"])
        loss = functional.cross_entropy(functional.linear(x, p["head"]), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def jax_jit(length: int) -> Step:
    """The whole step, Adam with it, as one compiled function of arrays."""
    import jax  # type: ignore[import-not-found, unused-ignore]

    jax.config.update("jax_enable_x64", True)
    jnp = jax.numpy
    state = {name: jnp.array(m) for name, m in numbers().items()}
    given = [(jnp.array(tokens), jnp.array(targets)) for tokens, targets in texts(length)]
    heads, width = 4, state["wte"].shape[1]
    later = jnp.triu(jnp.ones((length, length), bool), 1)

    def norm(x: Any) -> Any:
        return x * ((x * x).mean(-1, keepdims=True) + NORM_EPS) ** -0.5

    def split(x: Any) -> Any:
        return x.reshape(length, heads, width // heads).transpose(1, 0, 2)

    def loss(p: Any, tokens: Any, targets: Any) -> Any:
        before = norm(p["wte"][tokens] + p["wpe"][:length])
        x = norm(before)
        query, key, value = (split(x @ p[name].T) for name in ("wq", "wk", "wv"))
        scores = query @ key.transpose(0, 2, 1) / (width // heads) ** 0.5
        attention = jax.nn.softmax(jnp.where(later, -jnp.inf, scores), axis=-1)
        before = before + (attention @ value).transpose(1, 0, 2).reshape(length, width) @ p["wo"].T
        x = before + jax.nn.relu(norm(before) @ p["w1"].T) @ p["w2"].T
        logits = x @ p["head"].T
        picked = jnp.take_along_axis(jax.nn.log_softmax(logits), targets[:, None], axis=1)
        return -picked.mean()

    @partial(jax.jit, donate_argnums=(0, 1, 2))
    def update(p: Any, m: Any, v: Any, t: Any, tokens: Any, targets: Any) -> Any:
        value, g = jax.value_and_grad(loss)(p, tokens, targets)
        m = jax.tree.map(lambda m, g: BETAS[0] * m + (1 - BETAS[0]) * g, m, g)
        v = jax.tree.map(lambda v, g: BETAS[1] * v + (1 - BETAS[1]) * g * g, v, g)
        first, second = 1 - BETAS[0] ** t, 1 - BETAS[1] ** t
        p = jax.tree.map(lambda p, m, v: p - LR * (m / first) / (jnp.sqrt(v / second) + EPS), p, m, v)
        return p, m, v, value

    m, v = jax.tree.map(jnp.zeros_like, state), jax.tree.map(jnp.zeros_like, state)

    def step(k: int) -> float:
        nonlocal state, m, v
        state, m, v, value = update(state, m, v, k + 1.0, *given[k % TEXTS])
        return float(value)

    return step


MAKERS: dict[str, Callable[[int], Step]] = {
    "autograd": compiled, "eager": eager, "torch": torch_eager, "jax_jit": jax_jit,
}  # fmt: skip


def work(name: str, length: int, seconds: float) -> Result:
    """Seconds a step, and the first losses."""
    return pace(MAKERS[name](length), seconds)


def measure(quick: bool) -> tuple[list[Row], list[str]]:
    """A row for each length of the text, and what is promised."""
    seconds, rounds = (0.005, 1) if quick else (0.5, 5)
    rows, notes, wrong = [], [], []
    for length in (3,) if quick else LENGTHS:
        engines = ("autograd", "jax_jit") if quick else ENGINES
        words = f"a transformer on {length} tokens, a training step with Adam, compiled"
        results = in_turn(rounds, engines, partial(run, "compiled_transformer", length=length, seconds=seconds))
        row = Row(words, "on", {name: median(found, "seconds") for name, found in results.items()})
        rows.append(row)
        wrong += disagreement(words, results, "numbers")
        if not quick:
            notes += promise(row, "torch", 3)
    notes.append(
        "the transformer: one layer, 16 wide, 4 heads, 27 tokens, 4,192 parameters, another text at each step; written "
        "over lists of scalars, while PyTorch (its own attention and cross-entropy, fused Adam) and JAX have arrays of "
        "float64."
    )
    return rows, [*wrong, *notes]
