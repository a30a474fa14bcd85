import { expect, it } from 'vitest'
import { match, to } from './routes'

const at = (path: string) => match(new URL(path, 'https://example.test'))

it.each([
  ['/', 'home', {}],
  ['/v/7sXk2mPq9Zt', 'watch', { id: '7sXk2mPq9Zt' }],
  ['/@senedd_demo', 'profile', { handle: 'senedd_demo' }],
  ['/@senedd_demo/', 'profile', { handle: 'senedd_demo' }],
  ['/t/pleidlais%20gyntaf', 'hashtag', { tag: 'pleidlais gyntaf' }],
  ['/settings', 'settings', { section: '' }],
  ['/settings/security', 'settings', { section: 'security' }],
  ['/upload/clips/7sXk2mPq9Zt', 'clip', { id: '7sXk2mPq9Zt' }],
  ['/signup/provider?next=%2Finbox', 'providerSignup', {}],
  ['/reset-password', 'forgot', {}],
  ['/reset-password/3-c9x-abc', 'reset', { key: '3-c9x-abc' }],
  ['/verify-email/Mg%3A1x%3Ay_Z-', 'verify', { key: 'Mg:1x:y_Z-' }],
  ['/nowhere', 'missing', {}],
  ['/t/%E0%A4%A', 'hashtag', { tag: '%E0%A4%A' }],
])('%s is %s', (path, name, params) => {
  expect(at(path)).toMatchObject({ name, params })
})

it('builds addresses that it understands', () => {
  expect(at(to.watch('7sXk2mPq9Zt', '@senedd_demo')).query.get('in')).toBe('@senedd_demo')
  expect(at(to.hashtag('a/b')).params).toEqual({ tag: 'a/b' })
})
