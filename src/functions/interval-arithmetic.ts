// Times moved by intervals. Months are counted in the calendar, milliseconds on the time line.
import { addMonths, MILLIS_PER_DAY, splitMillis } from '../types/civil-time.ts'
import type { LogicalType, TypeOf } from '../types/logical-type.ts'
import type { TimestampValue } from '../types/value.ts'
import type { Kernel } from './function-definition.ts'

/** A kernel of (time, interval). `direction` -1 moves back. */
export function addInterval(time: LogicalType, interval: LogicalType, direction: 1 | -1): Kernel {
  const months = (interval as TypeOf<'INTERVAL'>).unit === 'YEAR_MONTH'
  switch (time.kind) {
    case 'DATE':
      if (months) return ([days, count]) => addMonths(days as number, direction * (count as number))
      return ([days, millis]) => (days as number) + direction * Math.trunc(Number(millis) / MILLIS_PER_DAY)
    case 'TIME':
      if (months) return ([timeOfDay]) => timeOfDay as number
      return ([timeOfDay, millis]) => wrapDay((timeOfDay as number) + direction * (Number(millis) % MILLIS_PER_DAY))
    default:
      // A TIMESTAMP_LTZ too: Flink counts its months in UTC.
      if (months) {
        return ([timestamp, count]) => {
          const { millis, nanos } = timestamp as TimestampValue
          return { millis: moveMonths(millis, direction * (count as number)), nanos }
        }
      }
      return moveMillis(direction)
  }
}

function moveMillis(direction: 1 | -1): Kernel {
  return ([timestamp, interval]) => {
    const { millis, nanos } = timestamp as TimestampValue
    return { millis: millis + direction * Number(interval), nanos }
  }
}

export function moveMonths(localMillis: number, months: number): number {
  const { days, millisOfDay } = splitMillis(localMillis)
  return addMonths(days, months) * MILLIS_PER_DAY + millisOfDay
}

function wrapDay(millis: number): number {
  return ((millis % MILLIS_PER_DAY) + MILLIS_PER_DAY) % MILLIS_PER_DAY
}
