// A caption or a comment as pieces, so that tags and names become links without any HTML being made from people's text.

import { to } from '$lib/routes'

export interface Piece {
  text: string
  href?: string
}

// The same idea of a tag and of a handle as the server's: letters and digits of any script, underscore; handles ASCII.
const LINKED = /(?<![\p{L}\p{N}_&/])(?:#([\p{L}\p{N}_]+)|@([A-Za-z0-9_]{2,30}))/gu

export function pieces(text: string): Piece[] {
  const found: Piece[] = []
  let at = 0
  for (const match of text.matchAll(LINKED)) {
    if (match.index > at) found.push({ text: text.slice(at, match.index) })
    const [whole, tag, handle] = match
    found.push({ text: whole, href: tag ? to.hashtag(tag.toLowerCase()) : to.profile(handle ?? '') })
    at = match.index + whole.length
  }
  if (at < text.length) found.push({ text: text.slice(at) })
  return found
}
