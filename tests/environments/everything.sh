#!/usr/bin/env bash
# The README's own command: install everything into the environment that is active, and run all tests and doctests.
# usage: bash tests/environments/everything.sh [options of pytest]
set -euo pipefail
cd "$(dirname "$0")/../.."
pip install -e ".[test]" && pytest "$@"
