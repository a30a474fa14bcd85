// Held by the compiler and by nothing at run time: what the server says it answers (schema.d.ts, generated) must be what the
// client expects (contract.ts). The contract says more, such as which words a `visibility` may be; the schema may not say less.

import type * as ours from './contract'
import type { components } from './schema'

type Schemas = components['schemas']

/** Unions of words widened to text, at every depth, because the schema only knows that they are text. */
type Widened<T> = T extends string
  ? string
  : T extends readonly (infer Item)[]
    ? Widened<Item>[]
    : T extends object
      ? { [Name in keyof T]: Widened<T[Name]> }
      : T

type Answers<Theirs extends Widened<Ours>, Ours> = [Theirs, Ours]

export type Agreement = [
  Answers<Schemas['ClipOut'], ours.Clip>,
  Answers<Schemas['PageOut'], ours.FeedPage>,
  Answers<Schemas['ClipsOut'], ours.Page<ours.Clip>>,
  Answers<Schemas['CommentOut'], ours.Comment>,
  Answers<Schemas['AccountOut'], ours.Account>,
  Answers<Schemas['MeOut'], ours.Me>,
  Answers<Schemas['SearchOut'], ours.SearchResults>,
  Answers<Schemas['ExploreOut'], ours.Explore>,
  Answers<Schemas['NotificationOut'], ours.Notification>,
  // What only the owner sees of it is optional in the schema, because others get the same answer without.
  Answers<Schemas['WholeClipOut'], ours.Clip>,
]
