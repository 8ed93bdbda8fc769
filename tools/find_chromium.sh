#!/usr/bin/env bash
# Print the path of a Chromium or Chrome; exit 1 if there is none. CHROMIUM names another.
set -euo pipefail

if [ -n "${CHROMIUM:-}" ]; then
    command -v "$CHROMIUM"
    exit
fi
for name in chromium chromium-browser google-chrome google-chrome-stable \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
    "/Applications/Chromium.app/Contents/MacOS/Chromium"; do
    if command -v "$name"; then exit 0; fi
done
exit 1
