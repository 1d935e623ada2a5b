// A supervisor in a process of its own, for the test that kills it: starts one job and tells its process id.
import type { JobDescription } from '../../src/targets/local/messages.ts'
import { SupervisedJob } from '../../src/targets/local/supervised-job.ts'

process.once('message', (description: JobDescription) => {
  const job = new SupervisedJob(description, () => undefined)
  const timer = setInterval(() => {
    if (job.status.state !== 'running' || job.pid === undefined) return
    clearInterval(timer)
    process.send?.(job.pid)
  }, 10)
})
