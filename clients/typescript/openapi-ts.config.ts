import { defineConfig } from '@hey-api/openapi-ts';

export default defineConfig({
  input: '../../api-spec/openapi.json',
  output: { path: 'src/generated', header: ['// Generated from api-spec/openapi.json by `npm run generate`: do not edit.'] },
  plugins: ['@hey-api/typescript', '@hey-api/client-fetch', { name: '@hey-api/sdk', operations: { strategy: 'flat' } }],
});
