#!/usr/bin/env bash
# Build the documentation into build/site, with warnings as errors; needs what everything.sh installs.
set -euo pipefail
cd "$(dirname "$0")/../.."
python -m mkdocs build --strict
