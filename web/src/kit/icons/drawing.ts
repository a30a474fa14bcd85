/** One path on a 24 × 24 grid, drawn with a 2-unit round stroke or filled. */
export interface Drawing {
  path: string
  fill?: boolean
}

export const line = (path: string): Drawing => ({ path })
export const solid = (path: string): Drawing => ({ path, fill: true })
