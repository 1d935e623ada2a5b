// One row of the table of diagnostic codes.

/** `bad` shows the mistake, `good` the cure; both are texts of the language the stage reads (SQL, or a pipeline file). */
export type CodeEntry = {
  readonly title: string
  readonly explanation: string
  readonly bad?: string
  readonly good?: string
}
