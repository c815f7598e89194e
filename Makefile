# Everything is installed into $(VENV), each set of packages once: a stamp in there, with-SET, says that it is.
#
# Of make only what version 3.81 knows is used, and of the shell only what POSIX says: macOS has no more.

VENV = .venv
PYTHON ?=

python = $(VENV)/bin/python
install = $(python) -m pip install --quiet --disable-pip-version-check
processes = --numprocesses auto --maxprocesses 4 --dist worksteal

ifeq ($(origin PYTHON),command line)
ifneq ($(shell test -x $(python) && "$(PYTHON)" -V),$(shell test -x $(python) && $(python) -V))
$(error $(VENV) was made with another Python than $(PYTHON); add VENV=.venv-other, or `make clean` first)
endif
endif

# A Python that is no longer where it was, as after an upgrade of the system, takes the stamps with it.
gone := $(shell test -x $(python) || rm -f $(VENV)/with-*)

.PHONY: help demo notebooks course lessons test check coverage test-oracles torch bench generated clean
.NOTPARALLEL:

help:
	@echo "make demo            train a network made of scalars on real data, and write demo/index.html about it"
	@echo "make notebooks       open the course in JupyterLab, on its map"
	@echo "make course          write the course as pages that need no Python: course/index.html and course.zip"
	@echo "make test            check style and types and run the light tests"
	@echo "make test-oracles    compare with JAX, SciPy, PyTorch and micrograd"
	@echo "make coverage        the light tests once more, to say which lines they reach"
	@echo "make bench           measure against PyTorch and micrograd"
	@echo "make check           style and types alone"
	@echo "make lessons         run all lessons of the course, and write them as notebooks with their outputs"
	@echo "make generated       write again the code that is generated from the table of operations"
	@echo "make clean           remove all that these commands made, the environment $(VENV) too"
	@echo
	@echo "The environment is made and filled by the first command that needs it. PYTHON=/path/to/python3.12 chooses"
	@echo "the Python it is made with; VENV=.venv-3.12 keeps a second one beside the first."

demo: $(VENV)/with-plots,data
	@$(python) -m demo

# Trusted, because they come with the program: the pages that step are alive before a cell is run.
notebooks: $(VENV)/with-notebooks
	@$(python) notebooks/build.py --trust
	@JUPYTER_CONFIG_PATH=notebooks/.jupyter $(python) -m jupyterlab --LabApp.default_url=/lab/tree/notebooks/README.md

course: $(VENV)/with-notebooks
	@$(python) notebooks/course.py

lessons: $(VENV)/with-notebooks
	@$(python) notebooks/build.py

test: check
	$(python) -m pytest $(processes)

coverage: $(VENV)/with-test
	$(python) -m pytest $(processes) --cov

check: $(VENV)/with-test
	$(python) -m ruff check
	$(python) -m ruff format --check
	$(python) -m mypy

test-oracles: $(VENV)/with-oracles torch
	$(python) -m pytest $(processes) -m oracle

bench: $(VENV)/with-bench torch
	@$(python) -m benchmarks

generated: $(VENV)/with-test
	$(python) -m autograd.generate

clean:
	rm -rf .venv .venv-* build dist *.egg-info
	rm -rf .coverage .coverage.* htmlcov demo/index.html demo/*.svg demo/*.png course course.zip
	find . -type d \( -name __pycache__ -o -name '.*_cache' -o -name .hypothesis -o -name .ipynb_checkpoints \) \
		-prune -exec rm -rf {} +

$(python):
	@base=`sh .ci/find-python $(if $(PYTHON),"$(PYTHON)")` || exit 1; \
	echo "Making the environment $(VENV) with $$base"; \
	rm -f $(VENV)/bin/python*; \
	"$$base" -m venv $(VENV) || { rm -f $(python); echo "$$base could not make the environment $(VENV)"; exit 1; }

$(VENV)/with-%: pyproject.toml | $(python)
	@echo "Installing into $(VENV), once: scalar-autograd[$*] and what it needs"
	@$(install) --editable ".[$*]" || { echo "The installation failed, see above; it needs the network."; exit 1; }
	@touch $@

# PyTorch is a peer one can do without: only its CPU build is wanted, and only where the installer offers one.
torch: $(python)
	@test -f $(VENV)/with-torch || sh .ci/install-torch $(VENV)
