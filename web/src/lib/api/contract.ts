// The JSON that passes between the server and this client, by hand until `npm run schema` has a server to ask.
// One shape per thing; views never see anything else.

export interface Author {
  handle: string
  name: string
  official: boolean
  organisation: boolean
  avatar: string | null
}

export interface Rendition {
  /** Short edge in pixels: 360, 540, 720 or 1080. The list is ascending. */
  edge: number
  width: number
  height: number
  bytes: number
  url: string
  mime: string
}

export interface Storyboard {
  url: string
  columns: number
  rows: number
  count: number
  width: number
  height: number
  /** Seconds between two tiles. */
  interval: number
}

export interface Track {
  language: string
  label: string
  url: string
}

export interface Counts {
  likes: number
  comments: number
  saves: number
  shares: number
  views: number
}

export type Visibility = 'public' | 'unlisted' | 'followers' | 'private'

export interface Clip {
  id: string
  url: string
  author: Author
  caption: string
  hashtags: string[]
  language: string
  /** Seconds. */
  duration: number
  width: number
  height: number
  thumbhash: string | null
  poster: { avif: string; webp: string } | null
  renditions: Rendition[]
  storyboard: Storyboard | null
  tracks: Track[]
  sound: { id: string; title: string } | null
  counts: Counts
  allow_comments: boolean
  visibility: Visibility
  published_at: string | null
  viewer: { liked: boolean; saved: boolean; following: boolean; own: boolean }
}

export type ClipState = 'receiving' | 'received' | 'processing' | 'playable' | 'ready' | 'refused'
export type Release = 'draft' | 'scheduled' | 'published'

/** What only the owner sees of a clip. */
export interface OwnClip extends Clip {
  state: ClipState
  release: Release
  refusal: { code: string; message: string; hint: string } | null
  /** 0 to 1. */
  progress: number
  scheduled_for: string | null
  /** Seconds: the owner's choice, else the server's; null until there is a picture. */
  cover_time: number | null
  covers: { time: number; url: string }[]
  /** What the uploaded file was called, for as long as the server remembers. */
  filename: string | null
}

export type ClipStatus = Pick<OwnClip, 'state' | 'release' | 'refusal' | 'progress' | 'scheduled_for' | 'cover_time'>

export interface Why {
  code: string
  params?: Record<string, string | number>
}

export interface FeedItem {
  clip: Clip
  why: Why[]
}

export interface FeedPage {
  items: FeedItem[]
  up_to_date: boolean
  /** The following list has one; the feed itself is asked anew each time. */
  next?: string | null
}

/** One clip watched by a signed-out viewer; held by the browser, sent with the question and kept by nobody. */
export interface HistoryEntry {
  clip: string
  /** Watched seconds divided by duration; above 1 when it looped. */
  share: number
  actions: string[]
  /** Seconds since the watch before it. */
  gap_s: number
}

export interface FeedQuery {
  count?: number
  language?: string
  history?: HistoryEntry[]
  held?: string[]
}

export type FeedEvent =
  | { clip: string; kind: 'watch'; watched_s: number; loops: number; page?: string }
  | { clip: string; kind: 'share' | 'not_interested' | 'less_from' }

export interface Page<Item> {
  items: Item[]
  next: string | null
}

export interface Preferences {
  language?: 'en' | 'cy'
  theme?: 'auto' | 'dark' | 'light'
  captions?: boolean
  data_saver?: boolean
  hide_counts?: boolean
  /** What one watches does not shape one's feed, and nothing of it is kept. */
  plain_feed?: boolean
  /** Minutes of watching before a calm card; 0 never. */
  break_after_min?: number
  [other: string]: unknown
}

export type AgeBand = 'under_13' | '13-15' | '16-17' | '18+'

export interface OwnAccount {
  handle: string
  name: string
  bio: string
  avatar: string | null
  official: boolean
  age_band: AgeBand
  /** The day on which it will be closed, unless somebody cancels. */
  closing_on: string | null
  organisations: { handle: string; name: string; role: 'owner' | 'editor' | 'analyst'; closing_on?: string | null }[]
}

/** An invitation that waits for an answer, as owners see it. */
export interface Invitation {
  handle: string
  name: string
  role: 'owner' | 'editor' | 'analyst'
  expires_at: string
}

/** The same as the person sees it: the organisation's handle and name, and the owner who asks. */
export interface Offer extends Invitation {
  by: string
  official: boolean
}

export interface Me {
  account: OwnAccount | null
  preferences: Preferences
  unread: number
}

export interface Account {
  handle: string
  name: string
  bio: string
  avatar: string | null
  official: boolean
  organisation: boolean
  counts: { followers: number; following: number; likes: number; clips: number }
  viewer: { following: boolean; blocked: boolean; muted: boolean; self: boolean }
}

/** What stands in place of a closed account's profile; `note` is the same as a signed note. */
export interface ClosedNotice {
  handle: string
  kind: 'person' | 'organisation' | 'official'
  closed_on: string
  words: string | null
  link: string | null
  receipt: string | null
  note: string | null
}

export interface Comment {
  id: string
  author: Author
  text: string
  created_at: string
  likes: number
  viewer: { liked: boolean; own: boolean }
  reply_count: number
  replies?: Comment[]
}

export interface Notification {
  id: string
  kind: 'follow' | 'like' | 'comment' | 'reply' | 'mention' | 'published' | 'refused' | 'invited'
  actors: Author[]
  count: number
  clip?: Clip | null
  comment?: Comment | null
  at: string
  read: boolean
}

export interface SearchResults {
  accounts: Account[]
  clips: Clip[]
  hashtags: { tag: string; clips: number }[]
  next: string | null
}

export interface Explore {
  hashtags: { tag: string; clips: number }[]
  clips: Clip[]
}

export type ReportKind = 'clip' | 'comment' | 'account'

/** What the server leaves in the page, so that the first screen costs no further request. */
export interface Boot {
  me?: Me | null
  feed?: FeedPage | null
  clip?: Clip | null
  account?: Account | null
  closed?: ClosedNotice | null
  clips?: Page<Clip> | null
}
