#!/usr/bin/env bash
# Runs our provider modules against the LiteLLM proxy, which speaks the formats by code of its own; behind it stands
# upstream.py. The proxy is installed from PyPI into target/interop once (about 700 MB).
set -euo pipefail
cd "$(dirname "$0")/../.."
here=tests/interop venv=target/interop
python=${PYTHON:-python3}
if [ ! -x "$venv/bin/litellm" ]; then
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "interop needs Python 3.10 or newer (PYTHON=…)" >&2; exit 1; }
  "$python" -m venv "$venv"
  "$venv/bin/pip" install --quiet 'litellm[proxy]>=1.70'
fi
free_port() { "$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
upstream=$(free_port) proxy=$(free_port)
"$python" $here/upstream.py "$upstream" &
first=$!
INTEROP_UPSTREAM="http://127.0.0.1:$upstream/v1" LITELLM_LOCAL_MODEL_COST_MAP=True \
  "$venv/bin/litellm" --config $here/proxy.yml --host 127.0.0.1 --port "$proxy" >"$venv/proxy.log" 2>&1 &
second=$!
trap 'kill $first $second 2>/dev/null || true' EXIT
for _ in $(seq 240); do
  kill -0 $second 2>/dev/null || { tail -n 20 "$venv/proxy.log" >&2; exit 1; }
  if "$python" -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:$proxy/health/liveliness', timeout=2)" 2>/dev/null; then break; fi
  sleep 0.5
done
LATCHKEY_INTEROP="http://127.0.0.1:$proxy" "${CARGO:-cargo}" test --package latchkey-models --test it interop::
