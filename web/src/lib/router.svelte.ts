// The History API with types. Links are ordinary anchors, so that “open in new tab”, copying and no JavaScript work;
// one listener on the document takes the plain clicks.

import type { Component } from 'svelte'
import { i18n, t } from './i18n/i18n.svelte'
import { definitionOf, match, type Route } from './routes'

interface Screen {
  route: Route
  view: Component<{ route: Route }>
}

interface Kept {
  scroll: number
}

/** Pages that the server writes by itself, such as `/trust`: whoever signs in on the way to one is sent there. */
const leaves = (address: string): boolean => match(new URL(address, location.href)).name === 'missing'

class Router {
  route = $state.raw<Route>(match(new URL(location.href)))
  screen = $state.raw<Screen | undefined>()
  /** Said by a live region in App.svelte, because a client-side change of page is silent otherwise. */
  announcement = $state('')
  loading = $state(false)
  failed = $state(false)
  #turn = 0

  async start(): Promise<void> {
    history.scrollRestoration = 'manual'
    window.addEventListener('popstate', (event) => {
      void this.#show(new URL(location.href), (event.state as Kept | null)?.scroll ?? 0)
    })
    document.addEventListener('click', (event) => this.#onClick(event))
    // The service worker's page stands for whatever address could not be reached, and keeps it for the next try.
    const offline = document.querySelector('#app[data-offline]') !== null
    await this.#show(offline ? new URL('/offline', location.href) : new URL(location.href), 0, true)
  }

  async go(address: string): Promise<void> {
    if (leaves(address)) return location.assign(address)
    this.#keepScroll()
    history.pushState({ scroll: 0 }, '', address)
    await this.#show(new URL(location.href), 0)
  }

  async replace(address: string): Promise<void> {
    if (leaves(address)) return location.replace(address)
    history.replaceState({ scroll: 0 }, '', address)
    await this.#show(new URL(location.href), 0)
  }

  /** Changes the address bar only: the player does this while one swipes from clip to clip. */
  rename(address: string): void {
    history.replaceState(history.state, '', address)
  }

  /** A view that knows better than the route's own title (a profile's name, a clip's caption) says so here. */
  entitle(title: string): void {
    document.title = title ? `${title} · Hustings` : 'Hustings'
  }

  async again(): Promise<void> {
    await this.#show(new URL(location.href), 0)
  }

  async #show(address: URL, scroll: number, first = false): Promise<void> {
    const turn = ++this.#turn
    const route = match(address)
    const definition = definitionOf(route.name)
    this.loading = true
    this.failed = false
    try {
      const [module] = await Promise.all([definition.view(), definition.player ? undefined : i18n.needScreens()])
      if (turn !== this.#turn) return
      const samePlace = !first && this.screen?.route.path === route.path
      this.route = route
      // Each view takes the route, or nothing; the table cannot say that in one type.
      this.screen = { route, view: module.default as Screen['view'] }
      // The server has already written a better title for the first page.
      if (!first || !document.title) this.entitle(t(definition.title))
      if (!first && !samePlace) this.#arrive(t(definition.title), scroll)
    } catch (error) {
      if (turn !== this.#turn) return
      // A file of the client could not be fetched: we are offline, or a new version has replaced this one.
      this.failed = true
      console.error(error)
    } finally {
      if (turn === this.#turn) this.loading = false
    }
  }

  #arrive(title: string, scroll: number): void {
    this.announcement = title
    requestAnimationFrame(() => {
      window.scrollTo(0, scroll)
      // Focus moves to the new screen, so that the next Tab starts there and not in the link that was left.
      document.querySelector<HTMLElement>('#main')?.focus({ preventScroll: true })
    })
  }

  #keepScroll(): void {
    history.replaceState({ scroll: window.scrollY } satisfies Kept, '')
  }

  #onClick(event: MouseEvent): void {
    const link = event.target instanceof Element ? event.target.closest('a') : null
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
    if (!link || !plain || event.defaultPrevented || link.target || link.hasAttribute('download')) return
    const address = new URL(link.href, location.href)
    if (address.origin !== location.origin || link.getAttribute('href')?.startsWith('#')) return
    const route = match(address)
    if (route.name === 'missing' || link.rel.includes('external')) return
    event.preventDefault()
    if (address.href === location.href) void this.again()
    else void this.go(address.pathname + address.search + address.hash)
  }
}

export const router = new Router()
