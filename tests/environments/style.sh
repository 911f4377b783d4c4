#!/usr/bin/env bash
# Check style and types; needs what everything.sh installs.
set -euo pipefail
cd "$(dirname "$0")/../.."
ruff check .
ruff format --check .
mypy
