import svelte from 'eslint-plugin-svelte'
import ts from 'typescript-eslint'
import svelteConfig from './svelte.config.js'

// The three tiers of web/README.md, held by a machine: an import may only point down.
const tier = (folder, banned) => ({
  files: [`src/${folder}/**`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: banned.map((above) => ({
          group: [`$${above}/*`, `**/${above}/*`],
          message: `${folder} must not know ${above}: pass what you need as a prop or a snippet, or move the file up a tier.`,
        })),
      },
    ],
  },
})

export default ts.config(
  { ignores: ['node_modules', 'src/lib/api/schema.d.ts'] },
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  {
    rules: {
      // Two spellings of one thing: an index proven by the loop above it reads better without a guard.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Our router owns the anchors; SvelteKit's resolve() does not exist here.
      'svelte/no-navigation-without-resolve': 'off',
      // Plain maps and sets are bookkeeping here; what is drawn is $state and says so.
      'svelte/prefer-svelte-reactivity': 'off',
      // It reads the sentence of reason that follows the code as more codes.
      'svelte/no-unused-svelte-ignore': 'off',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
  },
  { files: ['dev/**', '*.config.*'], languageOptions: { globals: { process: 'readonly', console: 'readonly' } } },
  tier('kit', ['lib', 'parts', 'views']),
  tier('lib', ['parts', 'views']),
  tier('parts', ['views']),
)
