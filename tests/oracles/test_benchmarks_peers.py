"""The quick run of the benchmarks of compile: every peer takes part, and all compute the same numbers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.oracle
ROOT = Path(__file__).resolve().parent.parent.parent


def test_compiled_runs_and_all_engines_agree() -> None:
    for peer in ("torch", "jax", "micrograd"):
        pytest.importorskip(peer)
    command = [sys.executable, "-m", "benchmarks", "compiled", "--quick", "--markdown"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert found.returncode == 0, found.stderr
    table = [[cell.strip() for cell in line.split("|")[1:-1]] for line in found.stdout.splitlines() if line[:1] == "|"]
    header, _, *rows = table
    assert header[:3] == ["", "collector", "ours"]
    assert {"ours, eager", "micrograd", "PyTorch", "numpy by hand", "JAX, jit"} <= set(header)
    assert len(rows) >= 9
    assert "WARNING" not in found.stdout
    for row in rows:
        assert row[2].split()[-1] in ("s", "ms", "µs", "MB"), row
    for peer in ("micrograd", "PyTorch", "numpy by hand", "JAX, jit"):
        assert any(row[header.index(peer)].endswith("×") for row in rows), peer


def test_what_is_not_known_is_refused_with_the_names_that_are() -> None:
    command = [sys.executable, "-m", "benchmarks", "compield"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert found.returncode == 2
    assert "no benchmark is called 'compield'" in found.stderr
    assert "compiled" in found.stderr.splitlines()[-1].replace("compield", "")
