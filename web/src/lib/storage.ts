// What this browser remembers for the person in front of it. None of it is sent anywhere by itself, and a browser that
// refuses to store (private windows, policies) only forgets.

/** Choices that outlive the visit: language, sound on or off. */
export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(`hustings.${name}`, value)
  } catch {
    // Forgetting is the worst that happens.
  }
}

export function remembered(name: string): string | null {
  try {
    return localStorage.getItem(`hustings.${name}`)
  } catch {
    return null
  }
}

/** Things that end with the tab: what a signed-out viewer has watched. */
export function holdForVisit(name: string, value: unknown): void {
  try {
    sessionStorage.setItem(`hustings.${name}`, JSON.stringify(value))
  } catch {
    // As above.
  }
}

export function heldForVisit<Value>(name: string): Value | undefined {
  try {
    const text = sessionStorage.getItem(`hustings.${name}`)
    return text === null ? undefined : (JSON.parse(text) as Value)
  } catch {
    return undefined
  }
}

export function dropForVisit(name: string): void {
  try {
    sessionStorage.removeItem(`hustings.${name}`)
  } catch {
    // As above.
  }
}
