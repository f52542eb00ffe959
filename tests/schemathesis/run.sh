#!/usr/bin/env bash
# Sends the built binary what schemathesis makes of its description, with keys of two workspaces; see docs/api-design.md. schemathesis is
# installed from PyPI into target/schemathesis once. EXAMPLES is how many requests each operation gets at most in each phase, SECONDS_AT_MOST
# the time of all, SEED repeats a run. Arguments are handed on.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=tests/schemathesis venv=target/schemathesis
python=${PYTHON:-python3}
if ! "$venv/bin/st" --version 2>/dev/null | grep -q 4.32.5; then
  "$python" -m venv "$venv"
  "$venv/bin/pip" install --quiet schemathesis==4.32.5
fi
if [ -z "${LATCHKEY_WORLD:-}" ]; then
  exec target/debug/fuzzed "$here/run.sh" "$@"
fi
of_world() { "$python" -c 'import json, os, sys; print(json.load(open(os.environ["LATCHKEY_WORLD"]))[sys.argv[1]])' "$1"; }
url=$(of_world url)
export SCHEMATHESIS_HOOKS="$PWD/$here/hooks.py"
exec "$venv/bin/st" --config-file "$here/schemathesis.toml" run "$url/openapi.json" --url "$url" --header "Authorization: Bearer $(of_world key)" \
  --exclude-checks positive_data_acceptance,ensure_resource_availability,missing_required_header,object_level_authorization \
  --max-examples "${EXAMPLES:-30}" --max-time "${SECONDS_AT_MOST:-240}" --continue-on-failure --request-timeout 30 --warnings off --no-color \
  --generation-database none ${SEED:+--seed "$SEED"} "$@"
