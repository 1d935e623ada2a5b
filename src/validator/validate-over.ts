// The window of OVER: partition, order and frame, with named windows from the WINDOW clause. What a stream can run of it is
// judged later, in recognize-over.ts.

import { didYouMean } from '../diagnostics/did-you-mean.ts'
import type { Frame, FrameBound } from '../plan/plan.ts'
import type { FrameBound as FrameBoundAst, Name, OrderItem, WindowSpecification } from '../sql/ast.ts'
import { intervalMs } from './bind-literal.ts'
import type { Binder } from './binder.ts'
import type { Bound, BoundOrder, BoundWindow } from './bound-expression.ts'

export function bindOverWindow(window: Name | WindowSpecification, binder: Binder): BoundWindow | undefined {
  const specification = window.kind === 'name' ? findWindow(window, binder) : withReference(window, binder)
  if (!specification) return undefined
  // A named window is written elsewhere: its names are resolved on their own.
  const bind = (expression: WindowSpecification['partitionBy'][number]) =>
    window.kind === 'name' || window.reference ? binder.bindApart(expression) : binder.bind(expression)
  const partition = specification.partitionBy.map(bind)
  const order = specification.orderBy.map((item) => orderOf(item, bind(item.expression)))
  const frame = specification.frame ? bindFrame(specification.frame, bind, binder) : defaultFrame
  if (!frame || partition.includes(undefined) || order.includes(undefined)) return undefined
  return {
    partition: partition as readonly Bound[],
    order: order as readonly BoundOrder[],
    frame,
    explicitFrame: specification.frame !== undefined,
    span: window.span,
  }
}

/** Flink's NULLs are the lowest values. */
export function orderOf(item: OrderItem, value: Bound | undefined): BoundOrder | undefined {
  if (!value) return undefined
  const descending = item.direction === 'DESC'
  return { value, descending, nullsFirst: item.nulls === undefined ? !descending : item.nulls === 'FIRST' }
}

const defaultFrame: Frame = {
  unit: 'range',
  from: { kind: 'unboundedPreceding' },
  to: { kind: 'currentRow' },
}

function findWindow(name: Name, binder: Binder): WindowSpecification | undefined {
  const { windows } = binder.scope
  const found = windows.get(name.name)
  if (found) return found.reference ? withReference(found, binder) : found
  const near = didYouMean(name.name, [...windows.keys()])
  return binder.context.findings.error('NAM007', name.span, `window \`${name.name}\` does not exist`, {
    hint: near !== undefined ? `Did you mean \`${near}\`?` : 'Declare it in the WINDOW clause behind HAVING.',
  })
}

function withReference(specification: WindowSpecification, binder: Binder): WindowSpecification | undefined {
  if (!specification.reference) return specification
  const base = findWindow(specification.reference, binder)
  if (!base) return undefined
  const frame = specification.frame ?? base.frame
  return {
    ...specification,
    partitionBy: specification.partitionBy.length > 0 ? specification.partitionBy : base.partitionBy,
    orderBy: specification.orderBy.length > 0 ? specification.orderBy : base.orderBy,
    ...(frame && { frame }),
  }
}

function bindFrame(
  frame: NonNullable<WindowSpecification['frame']>,
  bind: (expression: WindowSpecification['partitionBy'][number]) => Bound | undefined,
  binder: Binder,
): Frame | undefined {
  const { findings } = binder.context
  const unit = frame.unit === 'ROWS' ? 'rows' : 'range'
  const bound = (written: FrameBoundAst): FrameBound | undefined => {
    switch (written.bound) {
      case 'UNBOUNDED PRECEDING':
        return { kind: 'unboundedPreceding' }
      case 'UNBOUNDED FOLLOWING':
        return { kind: 'unboundedFollowing' }
      case 'CURRENT ROW':
        return { kind: 'currentRow' }
      default: {
        const offset = written.offset && bind(written.offset)
        const value = offset && frameOffset(offset, unit)
        if (offset && value === undefined) {
          const wanted = unit === 'rows' ? 'a whole number' : 'an interval'
          return findings.error('STR013', offset.span, `${frame.unit} takes ${wanted} here`)
        }
        return value === undefined
          ? undefined
          : { kind: written.bound === 'PRECEDING' ? 'preceding' : 'following', offset: value }
      }
    }
  }
  const from = bound(frame.from)
  const to = frame.to ? bound(frame.to) : ({ kind: 'currentRow' } as const)
  return from && to && { unit, from, to }
}

function frameOffset(offset: Bound, unit: Frame['unit']): number | undefined {
  if (unit === 'range') return intervalMs(offset)
  const whole = offset.kind === 'literal' && (offset.type.kind === 'INTEGER' || offset.type.kind === 'BIGINT')
  return whole ? Number(offset.value) : undefined
}
