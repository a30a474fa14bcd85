// A caption or a comment as pieces, so that tags and names become links without any HTML being made from people's text.
// The reading is the server's (hustings.lib.text); tests/golden/text.json holds both to it.

import { to } from '$lib/routes'

export interface Piece {
  text: string
  href?: string
}

const TAG_LENGTH = 60
// A sign inside a word, a number or an address begins nothing.
const LINKED =
  /(?<![\p{L}\p{M}\p{N}_&/#＃@.])(?:[#＃]([\p{L}\p{M}\p{N}_]+)|@([A-Za-z0-9_](?:[A-Za-z0-9_.]{0,28}[A-Za-z0-9_])?)(?![A-Za-z0-9_@]))/gu

/** The tag as it is filed: folded to one form; undefined for what is no tag, such as a number. */
export function tagOf(written: string): string | undefined {
  const name = written.normalize('NFKC').toLowerCase()
  return /\p{L}/u.test(name) && [...name].length <= TAG_LENGTH ? name : undefined
}

export function pieces(text: string): Piece[] {
  const found: Piece[] = []
  let at = 0
  for (const match of text.matchAll(LINKED)) {
    const [whole, written, handle] = match
    const tag = written && tagOf(written)
    if (!tag && !handle) continue
    if (match.index > at) found.push({ text: text.slice(at, match.index) })
    found.push({ text: whole, href: tag ? to.hashtag(tag) : to.profile(handle?.toLowerCase() ?? '') })
    at = match.index + whole.length
  }
  if (at < text.length) found.push({ text: text.slice(at) })
  return found
}
