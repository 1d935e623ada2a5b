// Confluent's error answers: HTTP status and `error_code` per kind of refusal, thrown as one class and sent by http-server.ts.

export class Refusal extends Error {
  readonly status: number
  readonly errorCode: number

  constructor(status: number, errorCode: number, message: string) {
    super(message)
    this.status = status
    this.errorCode = errorCode
  }
}

/** The status is the first three digits of the code; 409 is a code of its own (40901 from Confluent 8.2 on; clients accept both). */
function refusal(errorCode: number, message: string): Refusal {
  return new Refusal(errorCode >= 1000 ? Math.floor(errorCode / 100) : errorCode, errorCode, message)
}

export const refusals = {
  subjectNotFound: (subject: string) => refusal(40401, `Subject '${subject}' not found.`),
  versionNotFound: (version: number | string) => refusal(40402, `Version ${version} not found.`),
  schemaNotFound: (id?: number | string) =>
    refusal(40403, id === undefined ? 'Schema not found' : `Schema ${id} not found`),
  subjectSoftDeleted: (subject: string) =>
    refusal(40404, `Subject '${subject}' was soft deleted. Set permanent=true to delete permanently`),
  subjectNotSoftDeleted: (subject: string) =>
    refusal(40405, `Subject '${subject}' was not deleted first before being permanently deleted`),
  versionSoftDeleted: (subject: string, version: number) =>
    refusal(
      40406,
      `Subject '${subject}' Version ${version} was soft deleted. Set permanent=true to delete permanently`,
    ),
  versionNotSoftDeleted: (subject: string, version: number) =>
    refusal(40407, `Subject '${subject}' Version ${version} was not deleted first before being permanently deleted`),
  noSubjectLevel: (subject: string) =>
    refusal(40408, `Subject '${subject}' does not have subject-level compatibility configured`),
  noSubjectMode: (subject: string) =>
    refusal(40409, `Subject '${subject}' does not have subject-level mode configured`),
  incompatible: (subject: string, messages: readonly string[]) =>
    refusal(
      409,
      `Schema being registered is incompatible with an earlier schema for subject "${subject}", details: [${messages.join(', ')}]`,
    ),
  invalidSchema: (reason: string) => refusal(42201, `Invalid schema: ${reason}`),
  invalidVersion: (version: string) =>
    refusal(
      42202,
      `The specified version '${version}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string "latest"`,
    ),
  invalidLevel: (levels: readonly string[]) =>
    refusal(42203, `Invalid compatibility level. Valid values are ${levels.join(', ')}`),
  invalidMode: (modes: readonly string[]) => refusal(42204, `Invalid mode. Valid values are ${modes.join(', ')}`),
  notPermitted: (reason: string) => refusal(42205, reason),
  referenceExists: (version: string) => refusal(42206, `One or more references exist to the schema ${version}.`),
  idMismatch: (id: number) => refusal(42207, `Schema already registered with id ${id} instead of the given id`),
  invalidSubject: (subject: string) => refusal(42208, `The specified subject '${subject}' is not a valid.`),
  notFound: () => refusal(404, 'HTTP 404 Not Found'),
  methodNotAllowed: () => refusal(405, 'HTTP 405 Method Not Allowed'),
  malformed: (reason: string) => refusal(400, reason),
  tooLarge: () => refusal(413, 'HTTP 413 Request Entity Too Large'),
} as const
