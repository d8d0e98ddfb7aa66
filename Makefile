# The whole set-up in five words. Needs Python 3.11 or newer and make; everything else is fetched and kept in .venv/.
PYTHON ?= python3
PY := .venv/bin/python
SIZE ?= 100000

.PHONY: run test check bench help

help:  ## What this file can do
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

run:  ## Set everything up and run the product on http://127.0.0.1:8000 (PORT, HUIYIN_DATA, HUIYIN_DEMO=0)
	@$(PYTHON) stack/environment.py base
	@exec $(PY) -m stack --end-with-parent

test:  ## Run every test, with the servers and the browser they need
	@$(PYTHON) stack/environment.py dev
	@$(PY) -m stack.browser
	@$(PY) -m pytest -n 2 --dist worksteal

check:  ## Lint, formatting, types, layers, migrations, translations, compose file
	@$(PYTHON) stack/environment.py dev
	@$(PY) -m stack.check

bench:  ## Measure speed and memory on a database filled in bulk (SIZE=1000000)
	@$(PYTHON) stack/environment.py dev
	@$(PY) -m bench --size $(SIZE)
