// The reference page of a YAML file, made from its shape: every key with its meaning, values, default and example.
import { describeShape, type Member, type ObjectShape, type Shape } from '../src/pipeline/shape.ts'

export function referencePage(title: string, introduction: string, shape: ObjectShape): string {
  const sections: string[] = []
  collectSections(shape, '', sections)
  return `${[`# ${title}`, introduction, ...sections].join('\n\n')}\n`
}

/** One section per block of keys, the outer one first. `path` is how a user would point at it. */
function collectSections(shape: ObjectShape, path: string, sections: string[]): void {
  const members = Object.entries(shape.members)
  const heading = path === '' ? '## The file' : `## \`${path}\``
  const exactlyOne = shape.exactlyOne?.map((key) => `\`${key}\``).join(', ')
  const rule = exactlyOne === undefined ? [] : [`Exactly one of ${exactlyOne} is there.`]
  sections.push([heading, ...rule, members.map(([key, member]) => describeMember(key, member)).join('\n')].join('\n\n'))
  for (const [key, member] of members) {
    for (const { block, suffix } of blocksIn(member.shape)) {
      collectSections(block, `${path === '' ? '' : `${path}.`}${key}${suffix}`, sections)
    }
  }
}

function describeMember(key: string, member: Member): string {
  const facts = [
    member.required === true ? 'required' : undefined,
    member.default === undefined ? undefined : `default \`${member.default}\``,
    member.example === undefined ? undefined : `for example \`${member.example}\``,
  ].filter((fact) => fact !== undefined)
  const lines = [
    `- **\`${key}\`**${facts.length === 0 ? '' : ` (${facts.join('; ')})`}: ${member.doc} ${kindOf(member.shape)}`.trimEnd(),
  ]
  for (const choices of choicesIn(member.shape)) {
    for (const [value, doc] of Object.entries(choices)) lines.push(`  - \`${value}\`: ${doc}`)
  }
  return lines.join('\n')
}

/** What a value looks like, where the words for it are not obvious from the example. */
function kindOf(shape: Shape): string {
  switch (shape.kind) {
    case 'integer':
    case 'duration':
      return `It is ${describeShape(shape)}.`
    case 'text':
      return shape.format === undefined ? '' : `It is ${describeShape(shape)}.`
    case 'list':
      return 'It is a list.'
    default:
      return ''
  }
}

function choicesIn(shape: Shape): readonly Readonly<Record<string, string>>[] {
  if (shape.kind === 'choice') return [shape.values]
  if (shape.kind === 'map') return choicesIn(shape.values)
  return shape.kind === 'either' ? shape.shapes.flatMap(choicesIn) : []
}

function blocksIn(shape: Shape): readonly { readonly block: ObjectShape; readonly suffix: string }[] {
  if (shape.kind === 'object') return [{ block: shape, suffix: '' }]
  if (shape.kind === 'map') return blocksIn(shape.values).map(({ block }) => ({ block, suffix: '.<name>' }))
  return shape.kind === 'either' ? shape.shapes.flatMap(blocksIn) : []
}
