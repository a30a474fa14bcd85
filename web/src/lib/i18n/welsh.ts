// Dates in Welsh. Chromium carries no Welsh dates (it does carry the plurals), and would write English ones in their place;
// browsers that do carry them are asked first, see i18n.svelte.ts. Loaded by those who read Welsh.

const WEEKDAYS = ['Dydd Sul', 'Dydd Llun', 'Dydd Mawrth', 'Dydd Mercher', 'Dydd Iau', 'Dydd Gwener', 'Dydd Sadwrn']
const MONTHS = [
  'Ionawr',
  'Chwefror',
  'Mawrth',
  'Ebrill',
  'Mai',
  'Mehefin',
  'Gorffennaf',
  'Awst',
  'Medi',
  'Hydref',
  'Tachwedd',
  'Rhagfyr',
]

const padded = (value: number): string => String(value).padStart(2, '0')

/** “1 Mawrth 2027”, “Dydd Llun, 1 Mawrth 2027 am 09:30”: the styles that our screens ask for. */
export function welshDate(moment: Date, style: Intl.DateTimeFormatOptions): string {
  const day = `${moment.getDate()} ${MONTHS[moment.getMonth()]} ${moment.getFullYear()}`
  const named = style.dateStyle === 'full' || style.weekday ? `${WEEKDAYS[moment.getDay()]}, ${day}` : day
  return style.timeStyle ? `${named} am ${padded(moment.getHours())}:${padded(moment.getMinutes())}` : named
}

// Nouns stand in the singular after a number; two softens some of them, and years go their own way.
const UNITS: Partial<Record<Intl.RelativeTimeFormatUnit, (count: number) => string>> = {
  second: (count) => `${count} eiliad`,
  minute: (count) => `${count} ${count === 2 ? 'funud' : 'munud'}`,
  hour: (count) => `${count} awr`,
  day: (count) => `${count} ${count === 2 ? 'ddiwrnod' : 'diwrnod'}`,
  week: (count) => `${count} wythnos`,
  month: (count) => `${count} ${count === 2 ? 'fis' : 'mis'}`,
  year: years,
}

function years(count: number): string {
  if (count === 1) return 'blwyddyn'
  if (count === 2) return '2 flynedd'
  if (count > 10) return `${count} o flynyddoedd`
  return `${count} ${[3, 4, 6].includes(count) ? 'blynedd' : 'mlynedd'}`
}

/** “2 funud yn ôl”, “ddoe”, “ymhen 3 awr”; the value is negative for what is past. */
export function welshAgo(value: number, unit: Intl.RelativeTimeFormatUnit): string {
  if (value === 0) return unit === 'second' ? 'nawr' : 'heddiw'
  if (unit === 'day' && Math.abs(value) === 1) return value < 0 ? 'ddoe' : 'yfory'
  const span = UNITS[unit]?.(Math.abs(value)) ?? ''
  return value < 0 ? `${span} yn ôl` : `ymhen ${span}`
}
