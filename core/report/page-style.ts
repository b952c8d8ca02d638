/**
 * The style that every page of ours shares: one column, the reader's own light or dark scheme. Colours keep 4.5 to 1 on both
 * grounds.
 */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --ground: #fff; --panel: #f5f7f9; --line: #d5dbe2; --text: #16202c; --dim: #4d5b6b;
  --green: #17692f; --red: #b3201d; --amber: #8a5300; --blue: #1a57a8 }
@media (prefers-color-scheme: dark) { :root { --ground: #12161c; --panel: #1b2129; --line: #39434f; --text: #e8edf3;
  --dim: #aab7c6; --green: #6fcf87; --red: #ff8f89; --amber: #eab464; --blue: #8cb9f5 } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem; background: var(--ground); color: var(--text);
  font: 15px/1.45 system-ui, sans-serif; overflow-wrap: anywhere }
h1 { font-size: 1.5rem; margin: 0 0 .25rem } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
h3 { font-size: 1rem; margin: 0; font-weight: 600 } p { margin: .2rem 0 } small, .facts, header p, footer { color: var(--dim) }
a { color: var(--blue) } code, pre { font: 13px ui-monospace, monospace }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .25rem 0 .75rem; color: var(--dim) }
table { border-collapse: collapse; margin: .3rem 0 } caption { text-align: left; font-weight: 600; padding-bottom: .2rem }
footer { border-top: 1px solid var(--line); margin-top: 2rem; padding-top: .75rem }
`
