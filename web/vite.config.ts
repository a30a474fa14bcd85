import { svelte } from '@sveltejs/vite-plugin-svelte'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { shell } from './dev/shell.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

// Everything is emitted as files of our own origin: the Content-Security-Policy allows no inline script or style.
export default defineConfig({
  base: '/client/',
  plugins: [svelte(), shell()],
  resolve: {
    alias: {
      $kit: here('./src/kit'),
      $lib: here('./src/lib'),
      $parts: here('./src/parts'),
      $views: here('./src/views'),
      $messages: here('./messages'),
    },
    // Under vitest Svelte would otherwise resolve to its server build.
    ...(process.env['VITEST'] ? { conditions: ['browser'] } : {}),
  },
  build: {
    outDir: here('../src/hustings/site/client'),
    emptyOutDir: true,
    manifest: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: { app: here('./src/app.ts'), sw: here('./src/sw.ts'), office: here('./src/office/office.scss') },
      output: {
        // The worker keeps one address for ever, because browsers compare it byte by byte at that address.
        entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
  test: { environment: 'jsdom', include: ['src/**/*.test.ts'] },
})
