import { expect, it } from 'vitest'
import { welshAgo, welshDate } from './welsh'

it.each([
  [{ day: 'numeric', month: 'long', year: 'numeric' }, '1 Mawrth 2027'],
  [{ dateStyle: 'medium', timeStyle: 'short' }, '1 Mawrth 2027 am 09:05'],
  [{ dateStyle: 'full', timeStyle: 'short' }, 'Dydd Llun, 1 Mawrth 2027 am 09:05'],
] as [Intl.DateTimeFormatOptions, string][])('writes a date as %o', (style, text) => {
  expect(welshDate(new Date(2027, 2, 1, 9, 5), style)).toBe(text)
})

it.each([
  [0, 'second', 'nawr'],
  [-2, 'minute', '2 funud yn ôl'],
  [-3, 'minute', '3 munud yn ôl'],
  [-1, 'day', 'ddoe'],
  [-2, 'day', '2 ddiwrnod yn ôl'],
  [-2, 'month', '2 fis yn ôl'],
  [-1, 'year', 'blwyddyn yn ôl'],
  [-5, 'year', '5 mlynedd yn ôl'],
  [-12, 'year', '12 o flynyddoedd yn ôl'],
  [3, 'hour', 'ymhen 3 awr'],
] as [number, Intl.RelativeTimeFormatUnit, string][])('%i %s is %s', (value, unit, text) => {
  expect(welshAgo(value, unit)).toBe(text)
})
