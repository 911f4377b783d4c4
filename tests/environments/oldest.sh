#!/usr/bin/env bash
# Make a virtual environment with the oldest versions that pyproject.toml allows, and run the tests in it.
# usage: bash tests/environments/oldest.sh [options of pytest]
# It is made anew in $FMBENCH_OLDEST_ENVIRONMENT, or where that is not set in a folder that is removed again.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/environments/fresh.sh
source tests/environments/fresh.sh
fresh "${FMBENCH_OLDEST_ENVIRONMENT:-}"
pip install --quiet --editable ".[distributed,learned,medical,test-core]" --constraint tests/environments/oldest.txt
python -m pytest "$@"
