"""The plots and bitmaps of the page, as SVG text that is the same at each run."""

from __future__ import annotations

import html
import io
from typing import Any

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.hashsalt": "scalar-autograd", "font.size": 10, "axes.spines.top": False})
matplotlib.rcParams["axes.spines.right"] = False

from matplotlib import pyplot as plt  # noqa: E402 — after the backend is chosen

from demo.training import average  # noqa: E402

BLUE, ORANGE = "#1f5fa8", "#c8621b"


def as_svg(figure: Any, described: str) -> str:
    """The figure as an <svg> with a description for those who do not see it."""
    text = io.StringIO()
    figure.savefig(text, format="svg", bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :]
    return svg.replace("<svg", f'<svg role="img" aria-label="{html.escape(described)}"', 1)


def loss_curve(losses: list[float], label: str, chance: float) -> str:
    """Every loss, and their average over a sliding window."""
    figure, axes = plt.subplots(figsize=(6.8, 2.8))
    window = max(1, len(losses) // 20)
    smooth = [average(losses[max(0, i - window) : i + 1]) for i in range(len(losses))]
    axes.plot(losses, color=BLUE, alpha=0.25, linewidth=1, label="each step")
    axes.plot(smooth, color=BLUE, linewidth=2, label=f"average of the last {window}")
    axes.axhline(chance, color="#777777", linestyle=":", linewidth=1.2, label="guessing")
    axes.set(xlabel="step", ylabel=label, ylim=(0, None), xlim=(0, len(losses)))
    axes.legend(frameon=False, loc="upper right", bbox_to_anchor=(1, 0.92))
    return as_svg(figure, f"{label}: it falls from {losses[0]:.2f} to {smooth[-1]:.2f} in {len(losses)} steps")


def boundary(
    across: list[float], up: list[float], scores: list[list[float]], learn: list[Any], held_out: list[Any]
) -> str:
    """Where the score is 0, how it grows on both sides, and the points."""
    figure, axes = plt.subplots(figsize=(6.8, 4.5))
    levels = [-1e9, -6, -3, -1, 0, 1, 3, 6, 1e9]
    shades = ["#f3b98c", "#f7cfb0", "#fae2cf", "#fdf3ea", "#edf3fa", "#d3e2f3", "#b4cde9", "#92b6dd"]
    axes.contourf(across, up, scores, levels=levels, colors=shades)
    axes.contour(across, up, scores, levels=[0], colors="#222222", linewidths=1.8)
    for kind, color, marker in ((0, ORANGE, "o"), (1, BLUE, "^")):
        for part, filled in ((learn, True), (held_out, False)):
            chosen = [x for x, y in part if y == kind]
            face = color if filled else "none"
            xs, ys = zip(*chosen, strict=True)
            axes.scatter(xs, ys, s=26, marker=marker, facecolors=face, edgecolors=color, linewidths=1.1)
    axes.set(xlabel="x₁", ylabel="x₂", xlim=(across[0], across[-1]), ylim=(up[0], up[-1]))
    return as_svg(figure, "Points of two interleaved moons, and the curved line that the network draws between them")


def bitmap(pixels: list[float], described: str) -> str:
    """An 8×8 picture of ink on paper."""
    squares = "".join(
        f'<rect x="{i % 8}" y="{i // 8}" width="1.02" height="1.02" fill="#14181d" fill-opacity="{ink:.2f}"/>'
        for i, ink in enumerate(pixels)
        if ink
    )
    return (
        f'<svg role="img" aria-label="{html.escape(described)}" viewBox="0 0 8 8">'
        f'<rect width="8" height="8" fill="#ffffff"/>{squares}</svg>'
    )
