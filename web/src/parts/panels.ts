// What opens over the player. None of it is part of the first load.

import type { Component } from 'svelte'
import type { Panel, Reel } from '$lib/feed/reel.svelte'

type PanelPart = Component<{ reel: Reel; onclose: () => void }>

export const PANELS: Record<Panel, () => Promise<{ default: PanelPart }>> = {
  comments: () => import('./panels/CommentsPanel.svelte'),
  more: () => import('./panels/MorePanel.svelte'),
  why: () => import('./panels/WhyPanel.svelte'),
  report: () => import('./panels/ReportPanel.svelte'),
  shortcuts: () => import('./panels/ShortcutsPanel.svelte'),
  signin: () => import('./panels/SignInPanel.svelte'),
}
