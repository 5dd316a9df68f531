# make run, make test: on a fresh machine with Python 3.11 to 3.13, make and git, and nothing else.

# The settings of the server (PORT, DATA_DIR, DATABASE_URL, ...) reach it through the environment: make
# passes on what stands on its own command line and what was in its environment.

IN = .venv/bin/python
export PYTHON

.DEFAULT_GOAL := help
.PHONY: help run test check bench bench-peers cluster soak openapi migrate lock lock-peers ready ready-to-develop

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "make run takes PORT=8080 HOST=127.0.0.1 DATA_DIR=./var DATABASE_URL=postgresql://user@host/name"
	@echo "  and BLOBS=s3://bucket with S3_ENDPOINT=http://... S3_ACCESS_KEY=... S3_SECRET_KEY=..."
	@echo "make test takes ARGS='tests/media -k exif'; every target takes PYTHON=/path/to/python3.12"

run: ready ## start the server with the demo county; Ctrl-C stops it
	@exec $(IN) -m inspect_api serve --demo

test: ready-to-develop ## all tests, on SQLite and a folder, on PostgreSQL and S3
	$(IN) -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not soak" $(ARGS)

check: ready-to-develop ## style, types, and that imports go down only
	$(IN) -m ruff check .
	$(IN) -m ruff format --check .
	$(IN) -m mypy
	.venv/bin/lint-imports

soak: ready-to-develop ## the long tests
	$(IN) -m pytest -m soak $(ARGS)

bench: ready-to-develop ## speed, as ratios to limits measured in the same run
	$(IN) -m benchmarks $(ARGS)

bench-peers: ready-to-develop ## Kinto, Parse Server and PouchDB Server beside us; two of them need node and npm
	$(IN) -m benchmarks.peers $(ARGS)

cluster: ready-to-develop ## three API nodes and two workers on one PostgreSQL and one S3; Ctrl-C stops them
	@exec $(IN) -m benchmarks.cluster

openapi: ready-to-develop ## write openapi/ anew from the routes
	$(IN) -m inspect_api openapi

migrate: ready ## bring the database of DATABASE_URL or DATA_DIR up to date
	$(IN) -m inspect_api migrate

# uv takes its indexes from its own settings (UV_INDEX and so on); none of them may get into a lock.
COMPILE = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
  --no-emit-index-url --no-annotate --group build $(if $(UPGRADE),--upgrade)

lock: ## resolve the dependencies anew with uv; UPGRADE=1 takes newer versions
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	@! grep -n '://' requirements.lock requirements-dev.lock

PEERS = benchmarks/peers

lock-peers: ## the same for bench-peers, with uv and npm
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	  --no-annotate $(if $(UPGRADE),--upgrade) $(PEERS)/kinto.in -o $(PEERS)/kinto.lock
	cd $(PEERS) && npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved
	$(IN) -m benchmarks.peers.lock
	@! grep -n '://' $(PEERS)/kinto.lock $(PEERS)/package-lock.json

ready:
	@.ci/install run

ready-to-develop:
	@.ci/install develop
