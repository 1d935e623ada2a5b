import { describe, expect, test } from 'vitest'
import { checkShape } from './check-shape.ts'
import { projectShape } from './environment-shape.ts'
import { jsonSchemaOf } from './json-schema.ts'
import type { Member, Shape } from './shape.ts'
import { pipelineShape } from './spec-shape.ts'
import { parseYaml } from './yaml-tree.ts'

function membersOf(shape: Shape, path: string): readonly (readonly [string, Member])[] {
  switch (shape.kind) {
    case 'object':
      return Object.entries(shape.members).flatMap(([key, member]) => {
        const own = path === '' ? key : `${path}.${key}`
        return [[own, member] as const, ...membersOf(member.shape, own)]
      })
    case 'map':
      return membersOf(shape.values, `${path}.*`)
    case 'list':
      return membersOf(shape.items, path)
    case 'either':
      return shape.shapes.flatMap((each) => membersOf(each, path))
    default:
      return []
  }
}

describe.each([
  ['pipeline files', pipelineShape],
  ['sluice.yaml', projectShape],
])('%s', (_name, shape) => {
  const members = membersOf(shape, '')

  test('every example and default is a value that its key takes', () => {
    const shown = members.flatMap(([path, { shape: own, example, default: byDefault }]) =>
      [example, byDefault].flatMap((text) => (text === undefined || /[…<]/.test(text) ? [] : [{ path, own, text }])),
    )
    expect(shown.length).toBeGreaterThan(20)
    const wrong = shown.flatMap(({ path, own, text }) => {
      const { value, diagnostics } = parseYaml(text, 'example')
      const found = value === undefined ? diagnostics : checkShape(value, own, 'example')
      return found.map(({ message }) => `${path}: ${text}: ${message}`)
    })
    expect(wrong).toEqual([])
  })

  test('every key has a sentence', () => {
    expect(members.filter(([, { doc }]) => !/^[A-Z0-9].*[.)]$/s.test(doc)).map(([path]) => path)).toEqual([])
  })
})

test('the JSON Schema closes every block, and names what is required and what excludes each other', () => {
  expect(jsonSchemaOf(pipelineShape, 'Pipeline')).toMatchObject({
    title: 'Pipeline',
    type: 'object',
    additionalProperties: false,
    required: ['name', 'sources', 'sinks'],
    oneOf: [{ required: ['sql'] }, { required: ['sqlFile'] }],
    properties: {
      sinks: {
        additionalProperties: {
          additionalProperties: false,
          properties: { delivery: { oneOf: [{ const: 'exactly-once' }, { const: 'at-least-once' }] } },
        },
      },
    },
  })
})
