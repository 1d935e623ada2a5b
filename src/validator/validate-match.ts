// MATCH_RECOGNIZE.
import type { MatchRecognize } from '../sql/ast.ts'
import { type FromItem, type FromPlace, unknownItem } from './from-item.ts'

export function validateMatch(reference: MatchRecognize, input: FromItem, _place: FromPlace): FromItem {
  return { ...unknownItem(undefined, reference.span), plan: undefined, merged: input.merged }
}
