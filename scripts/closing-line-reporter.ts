// Vitest reporter: names what was left out and why, then closes the run with one line that machines read.
import type { Reporter, TestCase, TestModule } from 'vitest/node'

const reasonOf = (test: TestCase): string => {
  const result = test.result()
  return ('note' in result && result.note) || 'no reason given'
}

class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 }
    const leftOut = new Map<string, number>()
    for (const module of modules) {
      if (module.state() === 'failed' && [...module.children.allTests()].length === 0) counts.failed++
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        counts[state]++
        if (state === 'skipped') {
          const line = `${module.relativeModuleId}: ${reasonOf(test)}`
          leftOut.set(line, (leftOut.get(line) ?? 0) + 1)
        }
      }
    }
    for (const [line, count] of leftOut) console.log(`left out: ${line} (${count} ${count === 1 ? 'test' : 'tests'})`)
    console.log(`${counts.passed} passed, ${counts.failed + counts.pending} failed, ${counts.skipped} skipped`)
  }
}

// biome-ignore lint/style/noDefaultExport: vitest loads a reporter by its default export
export default ClosingLineReporter
