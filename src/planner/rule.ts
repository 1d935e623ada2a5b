// What a planner rule is: one file, one function from plan to plan. The list of all rules is in optimize.ts.
import type { Findings } from '../plan/findings.ts'
import { inputsOf, type Plan, withInputs } from '../plan/plan.ts'

export type PlannerOptions = {
  /** IANA zone of the pipeline (`table.local-time-zone`). */
  readonly timeZone: string
}

export type Rule = {
  readonly name: string
  /** Equal results for every input, or something reported: rules improve and judge, they never change the meaning. */
  readonly apply: (plan: Plan, findings: Findings, options: PlannerOptions) => Plan
}

/** Applies `change` to every operator, inputs first. */
export function bottomUp(plan: Plan, change: (operator: Plan) => Plan): Plan {
  return change(
    withInputs(
      plan,
      inputsOf(plan).map((input) => bottomUp(input, change)),
    ),
  )
}
