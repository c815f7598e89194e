"""The commands: make, its scripts and the integration, run on stand-ins that only write down what was asked."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOOLS = "sh bash make echo rm touch mkdir cat chmod grep find git diff id dirname env".split()

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="no make: the README says what to type")


class Machine:
    """A copy of the project's commands, and a PATH on which only what a test puts there is found."""

    def __init__(self, home: Path) -> None:
        self.bin, self.project, self.log = home / "bin", home / "the project", home / "log"
        self.bin.mkdir()
        for tool in TOOLS:
            found = shutil.which(tool)
            if found:
                (self.bin / tool).symlink_to(found)
        self.project.mkdir()
        shutil.copytree(ROOT / ".ci", self.project / ".ci")
        for name in ("Makefile", "pyproject.toml"):
            shutil.copy(ROOT / name, self.project)

    def put(self, path: str, script: str) -> None:
        """An executable shell script, on the PATH or, with a slash in its name, in the project."""
        file = self.project / path if "/" in path else self.bin / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(file.stat().st_mode | stat.S_IXUSR)

    def put_python(self, name: str, before: str = "pass") -> None:
        """A Python that runs `before` first; the Python of the environments it makes only writes its arguments down."""
        question = f"import sys; sys.argv.pop(0); {before}; exec(sys.argv[0])"
        inner = self.bin / "inner"
        inner.write_text(f'#!/bin/sh\necho "$*" >> "{self.log}"\ncase "$*" in *"$FAILS"*) exit 3 ;; esac\n')
        self.put(
            name,
            f'case "$1" in\n-c) exec "{sys.executable}" -c \'{question}\' "$2" ;;\n'
            f'-V) echo "Python {name}" ;;\n'
            f'-m) mkdir -p "$3/bin" && cat "{inner}" > "$3/bin/python" && chmod +x "$3/bin/python" ;;\nesac',
        )

    def run(self, *command: str, fails: str = "nothing does", **more: str) -> subprocess.CompletedProcess[str]:
        environment: Mapping[str, str] = {"PATH": str(self.bin), "HOME": str(self.project), "FAILS": fails, **more}
        return subprocess.run(
            command, cwd=self.project, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    def asked(self) -> list[str]:
        """What the Python of the environment was asked since the last time."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return lines


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


OLD = "sys.version_info = (3, 9, 18)"
BARE = 'sys.modules["ensurepip"] = None'


# Choosing a Python ----------------------------------------------------------------------------------------------------


def test_python_too_old(machine: Machine) -> None:
    machine.put_python("python3", OLD)
    done = machine.run("make", "demo")
    assert done.returncode != 0
    assert "Python 3.11 or newer is needed: python3 is Python 3.9.18." in done.stderr
    for remedy in ("apt-get install", "dnf install", "brew install", "PYTHON=/path/to"):
        assert remedy in done.stderr
    assert not (machine.project / ".venv").exists()


def test_no_python_at_all(machine: Machine) -> None:
    done = machine.run("make", "test")
    assert done.returncode != 0
    assert "Python 3.11 or newer is needed: none was found" in done.stderr


def test_python_without_venv(machine: Machine) -> None:
    machine.put_python("python3", BARE)
    done = machine.run("make", "demo")
    assert done.returncode != 0
    assert "its modules venv and ensurepip, which make the environment, are not" in done.stderr
    assert f"apt-get install python3.{sys.version_info.minor}-venv" in done.stderr
    assert not (machine.project / ".venv").exists()


@pytest.mark.parametrize("fault", [OLD, BARE, "sys.exit(1)"])
def test_a_newer_python_is_taken_where_python3_will_not_do(machine: Machine, fault: str) -> None:
    machine.put_python("python3", fault)
    machine.put_python("python3.12")
    assert "with python3.12" in machine.run("make", "demo").stdout


def test_a_python_that_was_named_is_the_only_one_tried(machine: Machine) -> None:
    machine.put_python("python3")
    machine.put_python("mine", OLD)
    done = machine.run("make", "demo", "PYTHON=mine")
    assert done.returncode != 0
    assert "mine is Python 3.9.18" in done.stderr


def test_an_environment_made_with_another_python_is_not_taken_for_the_one_named(machine: Machine) -> None:
    machine.put_python("python3")
    machine.put_python("python3.12")
    assert machine.run("make", "demo").returncode == 0
    done = machine.run("make", "demo", "PYTHON=python3.12")
    assert done.returncode != 0
    assert ".venv was made with another Python than python3.12" in done.stderr
    assert machine.run("make", "demo", "PYTHON=python3.12", "VENV=.venv-3.12").returncode == 0


# Installing, once -----------------------------------------------------------------------------------------------------


def test_the_second_run_installs_nothing(machine: Machine) -> None:
    machine.put_python("python3")
    assert machine.run("make", "demo").returncode == 0
    pip, demo = machine.asked()
    assert pip.endswith("--editable .[plots,data]")
    assert demo == "-m demo"
    assert machine.run("make", "demo").returncode == 0
    assert machine.asked() == ["-m demo"]


def test_a_failed_installation_is_tried_again(machine: Machine) -> None:
    machine.put_python("python3")
    done = machine.run("make", "demo", fails="pip install")
    assert done.returncode != 0
    assert "The installation failed" in done.stdout
    assert len(machine.asked()) == 1, "nothing runs after it"
    assert machine.run("make", "demo").returncode == 0
    assert len(machine.asked()) == 2


def test_an_environment_whose_python_is_gone_is_made_again(machine: Machine) -> None:
    machine.put_python("python3")
    machine.run("make", "demo")
    python = machine.project / ".venv/bin/python"
    python.unlink()
    python.symlink_to(machine.project / "nowhere")
    machine.asked()
    assert machine.run("make", "demo").returncode == 0
    assert len(machine.asked()) == 2


@pytest.mark.parametrize(
    ("target", "asked"),
    [
        (
            "notebooks",
            ["notebooks/build.py --trust", "-m jupyterlab --LabApp.default_url=/lab/tree/notebooks/README.md"],
        ),
        ("course", ["notebooks/course.py"]),
        ("lessons", ["notebooks/build.py"]),
    ],
)
def test_the_course_is_opened_and_made_from_a_clean_clone(machine: Machine, target: str, asked: list[str]) -> None:
    machine.put_python("python3")
    assert machine.run("make", target).returncode == 0
    assert machine.asked() == ["-m pip install --quiet --disable-pip-version-check --editable .[notebooks]", *asked]
    assert (ROOT / "notebooks" / ".jupyter" / "labconfig").is_dir(), "make notebooks tells JupyterLab to look there"


def test_the_tests_follow_the_style_and_the_types(machine: Machine) -> None:
    machine.put_python("python3")
    processes = "--numprocesses auto --maxprocesses 4 --dist worksteal"
    assert machine.run("make", "test").returncode == 0
    assert machine.asked()[1:] == ["-m ruff check", "-m ruff format --check", "-m mypy", f"-m pytest {processes}"]


@pytest.mark.parametrize("fails", ["ruff check", "ruff format", "mypy", "pytest"])
def test_whatever_fails_fails_the_command(machine: Machine, fails: str) -> None:
    machine.put_python("python3")
    assert machine.run("make", "test", fails=fails).returncode != 0


def test_without_pytorch_the_other_oracles_run(machine: Machine) -> None:
    machine.put_python("python3")
    done = machine.run("make", "test-oracles", fails="--dry-run")
    assert done.returncode == 0
    assert "PyTorch is not installed, and what needs it is reported as not run" in done.stdout
    assert machine.asked()[-1].endswith("-m oracle")
    assert not (machine.project / ".venv/with-torch").exists()


@pytest.mark.parametrize(
    ("offered", "said"),
    [
        ('"name": "torch" "name": "nvidia-cublas"', "only a build for graphics cards"),
        ('"name": "numpy"', "on other versions of Python"),
    ],
)
def test_pytorch_is_not_installed_where_it_is_no_peer(machine: Machine, offered: str, said: str) -> None:
    machine.put(".venv/bin/python", f'echo "$*" >> "{machine.log}"\necho \'{offered}\'')
    done = machine.run("sh", ".ci/install-torch", ".venv")
    assert done.returncode == 0
    assert said in done.stdout
    assert len(machine.asked()) == 1
    assert not (machine.project / ".venv/with-torch").exists()


def test_pytorch_is_installed_once(machine: Machine) -> None:
    machine.put(".venv/bin/python", f'echo "$*" >> "{machine.log}"\necho \'"name": "torch"\'')
    machine.run("make", "test-oracles")
    assert [line.rpartition(" ")[2] for line in machine.asked()] == [".[oracles]", ".[torch]", ".[torch]", "oracle"]
    machine.run("make", "test-oracles")
    assert [line.rpartition(" ")[2] for line in machine.asked()] == ["oracle"]


# The list of commands, and what they leave ----------------------------------------------------------------------------


def test_make_alone_lists_the_commands(machine: Machine) -> None:
    (phony,) = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    done = machine.run("make")
    assert done.returncode == 0
    for target in set(phony.split()) - {"help", "torch"}:
        assert f"make {target} " in done.stdout
    assert not (machine.project / ".venv").exists()


def test_clean_removes_what_the_commands_made_and_nothing_else(machine: Machine) -> None:
    machine.put_python("python3")
    before = {path for path in machine.project.rglob("*") if path.name != "demo"}
    machine.run("make", "demo")
    for made in (
        "demo/index.html",
        "course/index.html",
        "course.zip",
        ".pytest_cache/x",
        "scalar_autograd.egg-info/x",
        "autograd/__pycache__/x",
        ".coverage",
    ):
        file = machine.project / made
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    assert machine.run("make", "clean").returncode == 0
    left = {path for path in machine.project.rglob("*") if path.is_file()}
    assert left == {path for path in before if path.is_file()}


@pytest.mark.skipif(not (ROOT / ".git").exists() or not shutil.which("git"), reason="this is no clone")
@pytest.mark.parametrize(
    "made",
    [
        *(".venv/x", ".venv-3.12/x", ".coverage", ".hypothesis/x", ".mypy_cache/x", ".pytest_cache/x", ".ruff_cache/x"),
        *(
            "scalar_autograd.egg-info/x",
            "build/x",
            "dist/x",
            "demo/index.html",
            "course/x",
            "course.zip",
            "nn/__pycache__/x.pyc",
        ),
    ],
)
def test_git_does_not_see_what_the_commands_make(made: str) -> None:
    assert subprocess.run(["git", "check-ignore", "--quiet", made], cwd=ROOT, check=False).returncode == 0


# Continuous integration -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fails", "asked"), [("", 3), ("test", 1), ("test-oracles", 2), ("coverage", 3)])
def test_the_integration_runs_both_groups_and_fails_when_one_does(machine: Machine, fails: str, asked: int) -> None:
    machine.put_python("python3")
    machine.put("make", f'echo "$* CI=$CI" >> "{machine.log}"\n[ "$1" != "{fails}" ]')
    done = machine.run("bash", ".ci/run")
    assert machine.asked() == ["test CI=true", "test-oracles CI=true", "coverage CI=true"][:asked]
    assert (done.returncode == 0) == (fails == "")


def test_the_integration_fails_when_a_test_leaves_something_behind(machine: Machine) -> None:
    machine.put_python("python3")
    for command in (["git", "init", "--quiet"], ["git", "status"]):
        assert machine.run(*command).returncode == 0
    machine.put("make", "touch left-behind")
    done = machine.run("bash", ".ci/run")
    assert done.returncode != 0
    assert "left-behind" in done.stderr


def test_the_integration_may_be_executed() -> None:
    assert os.access(ROOT / ".ci/run", os.X_OK)


def run_one_test(
    folder: Path, body: str, conftest: str, *options: str, ci: str = ""
) -> subprocess.CompletedProcess[str]:
    """A run of pytest over one test of its own, with the project's conftest; in CI, or not, whatever holds out here."""
    (folder / "conftest.py").write_text(conftest)
    (folder / "test_one.py").write_text(f"def test_one():\n    {body}\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={folder}", *options, "."]
    environment = {**os.environ, "CI": ci}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False, text=True)


CONFTEST = (ROOT / "tests/conftest.py").read_text()


@pytest.mark.parametrize(("body", "code"), [("import pytest; pytest.skip()", 5), ("pass", 0)], ids=["skips", "passes"])
def test_a_run_in_which_nothing_ran_is_no_success(tmp_path: Path, body: str, code: int) -> None:
    assert run_one_test(tmp_path, body, CONFTEST).returncode == code


@pytest.mark.parametrize(
    ("ci", "options", "code"),
    [("true", (), 1), ("", (), 0), ("true", ("-m", "not oracle"), 0)],
    ids=["all of it in CI", "all of it elsewhere", "the light tests in CI"],
)
def test_where_everything_must_hold_no_library_may_be_missing(
    tmp_path: Path, ci: str, options: tuple[str, ...], code: int
) -> None:
    """A test that needs a library of the extra `oracles` is skipped without it, but not in the integration."""
    conftest = CONFTEST.replace('PROMISED = ("jax"', 'PROMISED = ("no-such-library"')
    done = run_one_test(tmp_path, "pass", conftest, *options, ci=ci)
    assert done.returncode == code
    assert ("not installed: no-such-library" in done.stdout + done.stderr) == (code == 1)
