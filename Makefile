# The two commands: `make demo` (ONCE=1: place the calls, check them, end) and `make test`.
SHELL := /bin/bash
.DELETE_ON_ERROR:
unexport PYTHONDONTWRITEBYTECODE
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := python3-venv make sip-tester festival festvox-ru ffmpeg mmdebstrap graphviz iproute2 chromium-headless-shell

.PHONY: demo test setup models lint unit real long workplace voice scores lock clean help

help:
	@echo "make demo          set up and run the demo company (ONCE=1: place its calls and end)"
	@echo "make test          set up and pass the tests, but for the long ones (LOAD=full: all of them, in full size)"
	@echo "make long          restarts under operators at work, lost operators, supervision, waiting, the crowd, alarms, campaigns (spoken talks, recorded machines, operators, faults), the report against SIPp, two benches"
	@echo "make models        fetch the models of speech recognition"
	@echo "make workplace     of these tests only operators at work: the page in Chromium, with real calls"
	@echo "make voice N=20    place random calls by voice and tell how many were completed (VOICE_SEED repeats a draw)"
	@echo "make scores        how well the phrases kept apart are understood"
	@echo "make lint          ruff, mypy --strict, import-linter"
	@echo "make lock          renew requirements.lock from pyproject.toml"

demo: setup
	@$(BIN)/ivr demo $(if $(ONCE),--once)

test: setup lint unit real

lint: $(VENV)/.ready
	@echo "== lint and types"
	@$(BIN)/ruff check ivr tests
	@$(BIN)/ruff format --check ivr tests
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

unit: setup
	@echo "== unit, conversation and contract tests"
	@$(BIN)/ivr scenario lint scenarios
	@$(BIN)/ivr kb lint
	@$(BIN)/ivr scenario test scenarios
	@$(UNIT) -n 2 --durations 10 || \
	  { echo "== again, alone: what failed beside other tests"; $(UNIT) --lf; }

# What takes minutes a file is left to `make long` (and LOAD=full), so that `make test` keeps within 20 minutes.
LONG := $(addprefix tests/contract/bench/,test_speech_bench.py test_popup_bench.py) tests/real/kpi \
  $(addprefix tests/real/workspace/,test_restarts.py test_crowd.py test_alarms.py test_lost_operators.py \
    test_supervision.py test_waiting.py test_encrypted.py) \
  $(addprefix tests/real/campaigns/,test_campaign.py test_faults.py test_operator_campaigns.py \
    test_recorded_answers.py test_spoken_talks.py test_links.py test_store_and_clock.py test_messages.py)
SHORT := $(if $(LOAD),,$(addprefix --ignore ,$(LONG)))
UNIT = $(BIN)/pytest tests/unit tests/conversation tests/contract $(SHORT)
REAL = $(BIN)/pytest tests/browser tests/real $(SHORT)

real: setup
	@echo "== real calls and pages: Asterisk, SIPp and Chromium"
	@$(REAL) -n 3 --dist loadfile --no-loadscope-reorder --durations 10 || \
	  { echo "== again, alone: what failed beside other calls (sound may slip on a busy machine)"; $(REAL) --lf; }

long: setup
	@echo "== restarts under operators at work, lost operators, supervision, waiting, the crowd, alarms, the report against SIPp's count"
	@$(BIN)/pytest $(LONG) -n 2 --dist loadfile || $(BIN)/pytest $(LONG) --lf

workplace: setup
	@$(BIN)/pytest tests/real/workspace -n 2 --dist loadfile

voice: setup
	@$(BIN)/python -m tests.real.voice $(or $(N),20)

scores: setup
	@for s in numerals yesno commands; do echo "== $$s"; $(BIN)/ivr speech score $$s tests/quality/$$s.final.tsv; done
	@echo "== topics"; $(BIN)/ivr kb score tests/quality/topics.final.tsv

setup: .cache/packages $(VENV)/.ready models .cache/bin/promtool
	@$(BIN)/ivr asterisk prepare

# Whisper hears Russian where no vosk model of it is installed; the Korean vosk model is for the tests.
models: .cache/models/.ready

.cache/models/.ready: ivr/speech/models/catalogue.yaml | $(VENV)/.ready
	@echo "== fetching models of speech recognition into .cache/models (220 MB, once)"
	@$(BIN)/ivr --set speech.models.folder=.cache/models models install whisper-base vosk-ko
	@touch $@

.cache/packages: Makefile
	@mkdir -p .cache
	@missing=$$(for p in $(PACKAGES); do dpkg -s $$p >/dev/null 2>&1 || echo $$p; done); \
	if [ -n "$$missing" ]; then \
	  echo "== installing Debian packages:" $$missing; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi
	@touch $@

# Alone: the package would start a server.
.cache/bin/promtool: | .cache/packages
	@echo "== fetching promtool (19 MB, once)"
	@mkdir -p .cache/bin/deb && cd .cache/bin/deb && \
	  { apt-get download -qq prometheus 2>/dev/null || { apt-get update -qq && apt-get download -qq prometheus; }; } && \
	  dpkg-deb --fsys-tarfile prometheus_*.deb | tar -xO ./usr/bin/promtool > ../promtool.new && chmod +x ../promtool.new
	@mv .cache/bin/promtool.new $@ && rm -r .cache/bin/deb

$(VENV)/.ready: requirements.lock pyproject.toml | .cache/packages
	@echo "== installing Python packages into $(VENV)"
	@python3 -m venv $(VENV)
	@$(BIN)/pip install -qq --require-hashes -r requirements.lock
	@$(BIN)/pip install -qq --no-deps --no-build-isolation -e .
	@touch $@

lock:
	@uv pip compile pyproject.toml --group dev --generate-hashes --no-emit-index-url --no-header \
	  --python-version 3.11 -o requirements.lock

clean:
	@rm -rf $(VENV) .cache var
