# Two commands do everything: `make cull PHOTOS=folder` and `make test`. On Windows, where make is rare, the
# same is `py installer\bootstrap.py cull folder` and `py installer\bootstrap.py test`.
PYTHON ?= python3
PHOTOS ?=
export PHOTOS

.PHONY: cull test lint docs setup lock

cull:
	@$(PYTHON) installer/bootstrap.py cull

test:
	@$(PYTHON) installer/bootstrap.py test

lint:
	@$(PYTHON) installer/bootstrap.py lint

docs:
	@$(PYTHON) installer/bootstrap.py docs

setup:
	@$(PYTHON) installer/bootstrap.py setup

lock:
	@$(PYTHON) installer/bootstrap.py lock
