#!/usr/bin/env bash
# Make a virtual environment without torch, and run the tests in it: what needs torch is skipped, all else must pass.
# usage: bash tests/environments/without_torch.sh [options of pytest]
# It is made anew in $FMBENCH_CORE_ENVIRONMENT, or where that is not set in a folder that is removed again.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/environments/fresh.sh
source tests/environments/fresh.sh
fresh "${FMBENCH_CORE_ENVIRONMENT:-}"
pip install --quiet --editable ".[test-core]"
if python -c "import torch" 2> /dev/null; then
  echo "torch came along: nothing is tested without it" >&2
  exit 1
fi
python -m pytest "$@"
