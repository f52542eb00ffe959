#!/usr/bin/env bash
# Runs the tests that its arguments say and ends with one line that adds them up: `N passed, M failed`.
set -uo pipefail
"$@" 2>&1 | awk '
  { print; fflush() }
  /^test result: / { for (i = 1; i < NF; i++) { if ($(i + 1) ~ /^passed/) passed += $i; if ($(i + 1) ~ /^failed/) failed += $i } }
  END { printf "%d passed, %d failed\n", passed, failed }'
exit "${PIPESTATUS[0]}"
