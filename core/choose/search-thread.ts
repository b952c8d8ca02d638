import { parentPort, workerData } from 'node:worker_threads'
import { asPressroomError } from '../errors.ts'
import type { Job, World } from './jobs.ts'
import { type Reply, replyOf, runJob } from './messages.ts'

/** A thread of a search: answers one job at a time, on the rows that it was started with. */
parentPort!.on('message', async (job: Job) => {
  parentPort!.postMessage(await answer(job))
})

async function answer(job: Job): Promise<Reply> {
  try {
    return { result: await runJob(workerData as World, job, { shared: true }) }
  } catch (error) {
    return replyOf(asPressroomError(error))
  }
}
