import { describe, expect, it } from 'vitest'
import cy from '$messages/cy.json'
import en from '$messages/en.json'
import screensCy from '$messages/screens.cy.json'
import screensEn from '$messages/screens.en.json'

type Message = string | Record<string, string>

const paramsOf = (text: string): string => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort().join()
const formsOf = (message: Message): string[] => (typeof message === 'string' ? [message] : Object.values(message))

// “count” may be left out of a form such as “one comment”, so the most complete form speaks for the message.
const widestParams = (message: Message): string => formsOf(message).map(paramsOf).sort((a, b) => b.length - a.length)[0] ?? ''

const pairs: [string, Record<string, Message>, Record<string, Message>][] = [
  ['viewer', en, cy],
  ['screens', screensEn, screensCy],
]

describe.each(pairs)('the %s catalogues', (_name, english, welsh) => {
  it('have the same keys', () => {
    expect(Object.keys(welsh).sort()).toEqual(Object.keys(english).sort())
  })

  it('use the same parameters', () => {
    for (const key of Object.keys(english)) {
      expect([key, widestParams(welsh[key]!)]).toEqual([key, widestParams(english[key]!)])
    }
  })

  it('give every plural form of each language', () => {
    for (const [language, catalogue] of [['en', english], ['cy', welsh]] as const) {
      const wanted = new Intl.PluralRules(language).resolvedOptions().pluralCategories
      for (const [key, message] of Object.entries(catalogue)) {
        if (typeof message !== 'string') expect([key, Object.keys(message)]).toEqual([key, expect.arrayContaining(wanted)])
      }
    }
  })

  it('leave nothing empty', () => {
    for (const message of [...Object.values(english), ...Object.values(welsh)]) {
      for (const form of formsOf(message)) expect(form.trim()).not.toBe('')
    }
  })
})

it('the two catalogues of one language share no key', () => {
  expect(Object.keys(en).filter((key) => key in screensEn)).toEqual([])
})
