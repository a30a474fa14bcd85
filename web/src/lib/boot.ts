// The server writes the first screen's data into the page. Each part is taken once: coming back later asks the API.

import type { Boot } from './api/contract'

let boot: Boot | undefined

function read(): Boot {
  const element = document.getElementById('boot')
  if (!element?.textContent) return {}
  try {
    return JSON.parse(element.textContent) as Boot
  } catch {
    return {}
  }
}

export function takeBoot<Part extends keyof Boot>(part: Part): Boot[Part] | undefined {
  boot ??= read()
  const value = boot[part]
  boot = { ...boot, [part]: undefined }
  return value ?? undefined
}
