import './kit/fonts.css'
import './kit/tokens.css'
import './kit/base.css'

import { mount } from 'svelte'
import App from './App.svelte'
import { i18n } from '$lib/i18n/i18n.svelte'
import { router } from '$lib/router.svelte'
import { session } from '$lib/session.svelte'

async function start(): Promise<void> {
  const target = document.getElementById('app')
  if (!target) throw new Error('The page has no #app to draw into.')
  // The three loads run side by side; nothing is drawn before all are there, so nothing jumps.
  await Promise.all([i18n.start(), session.start(), router.start()])
  mount(App, { target })
  if ('serviceWorker' in navigator && import.meta.env.PROD) {
    // Late, so that the first clips have the line to themselves.
    // Without it everything but the offline page works; the next visit tries again.
    setTimeout(() => navigator.serviceWorker.register('/sw.js', { scope: '/' }).catch(() => undefined), 5_000)
  }
}

void start()
