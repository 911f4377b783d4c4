#!/usr/bin/env bash
# Install Debian's Chromium, in which the tests open pages, where no browser is found; they skip where that cannot be done.
set -euo pipefail
for name in chromium chromium-browser google-chrome; do
  if command -v "$name" > /dev/null; then
    exit 0
  fi
done
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get > /dev/null; then
  echo "no Chromium, and no right to install it: tests of pages in a browser are skipped" >&2
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium > /dev/null; }; then
  echo "Chromium could not be installed: tests of pages in a browser are skipped" >&2
fi
