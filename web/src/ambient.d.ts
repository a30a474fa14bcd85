// Browser interfaces that TypeScript's library does not describe yet.

interface NetworkInformation {
  readonly saveData?: boolean
  /** Megabits a second, rounded, never above 10. */
  readonly downlink?: number
}

interface Navigator {
  readonly connection?: NetworkInformation
}

interface Element {
  /** Moves a child without unloading it (Chromium 133 and later). */
  moveBefore?(node: Node, before: Node | null): void
}
