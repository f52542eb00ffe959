import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

// Imports go downward: util, api, components, then pages, the editor and runs; app holds them together.
const below = (files, ...banned) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns: banned.map((name) => ({ group: [`@/${name}/*`], message: 'imports go downward' })) }] },
});

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'public', 'e2e/results'] },
  ...tseslint.configs.recommendedTypeChecked,
  { languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } } },
  hooks.configs.flat.recommended,
  {
    rules: {
      // The React compiler is not used here, so what it would skip does not matter.
      'react-hooks/preserve-manual-memoization': 'off',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      // TanStack Router's redirect is thrown and is no Error.
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
    },
  },
  below(['src/util/**'], 'app', 'pages', 'editor', 'runs'),
  below(['src/api/**'], 'app', 'pages', 'editor', 'runs', 'components'),
  below(['src/components/**'], 'app', 'pages', 'editor', 'runs'),
  below(['src/pages/**'], 'editor', 'runs'),
  below(['src/editor/**'], 'app', 'pages'),
  { files: ['**/*.js', '**/*.mjs'], ...tseslint.configs.disableTypeChecked },
);
