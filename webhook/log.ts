/** As Cloud Logging ranks entries. */
export type Severity = 'DEBUG' | 'INFO' | 'NOTICE' | 'WARNING' | 'ERROR'

/** What an entry is about, to search by. */
type Labels = Readonly<Record<string, string | undefined>>

/** Writes one entry. */
export type Log = (severity: Severity, message: string, labels?: Labels) => void

/**
 * A log of one JSON object a line, in the fields that Cloud Logging takes for its own
 * (https://cloud.google.com/logging/docs/structured-logging): `severity`, `message`, `time` and labels. Whatever a message has in
 * it stays one line, since JSON escapes it.
 * @param write gets each line with its end
 */
export function structuredLog(write: (line: string) => void, now: () => number = Date.now): Log {
  return (severity, message, labels) => {
    const kept = Object.entries(labels ?? {}).filter(([, value]) => value !== undefined)
    const entry = {
      severity,
      message,
      time: new Date(now()).toISOString(),
      ...(kept.length > 0 && { 'logging.googleapis.com/labels': Object.fromEntries(kept) }),
    }
    write(`${JSON.stringify(entry)}\n`)
  }
}
