/** Set and overwritten by Vertex AI itself (pipeline_job.proto). */
const RESERVED = 'vertex-ai-pipelines-run-billing-id'

/** The most labels that a resource has (cloud.google.com/resource-manager/docs/labels-overview#requirements). */
const MOST = 64

/** Characters of a label that are not letters without case, lower-case letters, digits, `_` or `-`. */
const FOREIGN = /[^\p{Ll}\p{Lo}\p{N}_-]/gu

/**
 * What is wrong with labels, by the rules of Google Cloud: keys of 1 to 63 characters that begin with a letter, values of
 * 0 to 63; lower-case letters of any script, digits, `_` and `-`.
 * @returns each fault as a sentence
 */
export function labelFaults(labels: Readonly<Record<string, string>>): string[] {
  const faults = Object.entries(labels).flatMap(([key, value]) => {
    if (key === RESERVED || key === DIGEST_LABEL) return [`label ${key} is reserved`]
    const fit = { key: fitted(key).replace(/^[^\p{L}]+/u, ''), value: fitted(value) }
    if (fit.key === key && fit.value === value && key !== '') return []
    const instead = fit.key === '' ? '' : `; write ${fit.key}=${fit.value}`
    return [
      `label ${key}=${value} must be lower-case letters, digits, _ and -, 63 at most, its key beginning with a letter${instead}`,
    ]
  })
  const count = Object.keys(labels).length
  return count < MOST
    ? faults
    : [...faults, `${count} labels are more than the ${MOST - 1} that may be given`]
}

/** Any text as a part of a label. */
function fitted(text: string): string {
  return [...text.toLowerCase().replace(FOREIGN, '-')].slice(0, 63).join('')
}

/** The label by which a job is known again: the digest of what it was created with. */
export const DIGEST_LABEL = 'pressroom-digest'
