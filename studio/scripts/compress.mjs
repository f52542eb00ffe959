// Puts a packed form (.br, .gz) beside each file of dist/ that becomes clearly smaller by it: the server sends what the browser takes.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const packed = /\.(br|gz)$/;
const text = /\.(js|css|svg|json|map|txt|webmanifest|wasm)$/;

const files = readdirSync(dist, { recursive: true })
  .map((name) => join(dist, name))
  .filter((file) => statSync(file).isFile());
files.filter((file) => packed.test(file)).forEach((file) => rmSync(file));
for (const file of files.filter((name) => text.test(name))) {
  const content = readFileSync(file);
  const forms = {
    br: brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }),
    gz: gzipSync(content, { level: 9 }),
  };
  for (const [ending, form] of Object.entries(forms)) {
    if (form.length < content.length * 0.9) writeFileSync(`${file}.${ending}`, form);
  }
}
