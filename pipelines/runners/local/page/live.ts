import { createHash } from 'node:crypto'
import { type Html, html, raw } from '../../../../core/report/html.ts'

/**
 * The page of a run that goes on loads itself again, until told not to: what moves by itself must be stoppable (WCAG
 * 2.2.2). The choice outlives the next load.
 */
const SCRIPT = `
const box = document.getElementById('live'), key = location.pathname
box.checked = sessionStorage.getItem(key) !== 'off'
box.addEventListener('change', () => sessionStorage.setItem(key, box.checked ? 'on' : 'off'))
setInterval(() => box.checked && location.reload(), 2000)
`

/** What the page's policy allows to run: this script, by its digest, and no other. */
export const LIVE_POLICY = `script-src 'sha256-${createHash('sha256').update(SCRIPT).digest('base64')}'`

/** A switch and what it switches; the page keeps its place when it is loaded again. */
export const LIVE: Html = html`<p><label><input type="checkbox" id="live" checked> look again every 2 seconds</label></p>
<script>${raw(SCRIPT)}</script>`
