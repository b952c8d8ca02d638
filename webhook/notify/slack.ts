import { PressroomError } from '../../core/errors.ts'
import { shorten } from '../../core/report/shorten.ts'
import type { Notice } from './notices.ts'
import type { Notifier } from './notify.ts'

/** Slack shows a text whole up to this many characters (https://docs.slack.dev/reference/methods/chat.postMessage). */
const LONGEST_TEXT = 4000

const HEADS: Readonly<Record<Notice['state'], string>> = {
  started: ':hourglass_flowing_sand: Deploying',
  succeeded: ':white_check_mark: Deployed',
  rejected: ':no_entry: Rejected',
  'rolled-back': ':rewind: Rolled back to',
  retired: ':wastebasket: Taken down',
  failed: ':x: Failed',
}

/**
 * Posts notices to an incoming webhook of Slack, or of whatever takes the same (Mattermost, Rocket.Chat, Discord's `/slack`).
 * @param address the webhook's; whoever knows it can post, so it stands in no message
 */
export function slackNotifier(address: string): Notifier {
  return {
    name: 'Slack',
    async send({ state, model, version, message }, signal) {
      const what = [model, version].filter(part => part !== undefined).join(' ')
      const text = `${HEADS[state]}${what === '' ? '' : ` *${escaped(what)}*`}\n${escaped(message)}`
      const response = await fetch(address, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text: [...text].slice(0, LONGEST_TEXT).join('') }),
        redirect: 'error',
        signal,
      }).catch(cause => {
        throw new PressroomError('server-unreachable', 'its webhook does not answer', { cause })
      })
      const answer = await response.text()
      if (response.ok) return
      throw new PressroomError('server-refused', `it answered ${response.status} ${shorten(answer, 200)}`)
    },
  }
}

/** Slack's own marks for links and mentions: a model's name must not call everybody. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
