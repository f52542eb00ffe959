#!/bin/sh
# Writes latchkey_client/ from ../../api-spec/openapi.json. The generator is installed into target/, of one version only.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tools=$here/../../target/python-client
generator=openapi-python-client==0.29.1
if [ "$(cat "$tools/installed" 2>/dev/null)" != "$generator" ]; then
  rm -rf "$tools"
  python3 -m venv "$tools"
  "$tools/bin/pip" install --quiet --disable-pip-version-check "$generator"
  echo "$generator" > "$tools/installed"
fi
PATH=$tools/bin:$PATH "$tools/bin/openapi-python-client" generate --meta none --overwrite \
  --path "$here/../../api-spec/openapi.json" --config "$here/generate.yml" --output-path "$here/latchkey_client"
# What is declared as a text is one: the generator takes the texts of these media types for files.
find "$here/latchkey_client" -name '*.py' -exec sed -i \
  -e 's/cast(str, response\.content)/response.text/' -e 's/_kwargs\["content"\] = body\.payload/_kwargs["content"] = body/' {} +
