import { expect, it } from 'vitest'
import { WatchMeter } from './meter'

function meterAt() {
  let now = 100
  const meter = new WatchMeter(() => now)
  return { meter, pass: (seconds: number) => (now += seconds) }
}

it('counts only while it runs', () => {
  const { meter, pass } = meterAt()
  meter.run()
  pass(3)
  meter.rest()
  pass(60)
  meter.run()
  meter.run()
  pass(2)
  expect(meter.take()).toEqual({ seconds: 5, loops: 0 })
})

it('counts loops, and starts again when taken', () => {
  const { meter, pass } = meterAt()
  meter.run()
  for (const position of [1, 5, 9, 0.2, 4, 9.5, 0.1]) {
    pass(1)
    meter.at(position, 10)
  }
  expect(meter.take()).toEqual({ seconds: 7, loops: 2 })
  pass(1)
  expect(meter.take()).toEqual({ seconds: 1, loops: 0 })
})

it('takes a small step back for no loop', () => {
  const { meter } = meterAt()
  meter.at(9, 10)
  meter.at(5, 10)
  meter.at(1, 10)
  expect(meter.take().loops).toBe(0)
})
