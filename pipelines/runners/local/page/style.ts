/** The page's style: one column, the reader's own light or dark scheme. Colours keep 4.5 to 1 on both grounds. */
export const STYLE = `
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
.state, .count { font-size: .8rem; font-weight: 600; padding: .05rem .45rem; border: 1px solid; border-radius: 1rem;
  white-space: nowrap; color: var(--dim) }
.count { font-weight: 400 }
.succeeded, .cached { color: var(--green) } .failed { color: var(--red) } .cancelled { color: var(--amber) }
.running { color: var(--blue) }
.failures { border-left: 3px solid var(--red); padding-left: 1rem }
.graph { overflow: auto; border: 1px solid var(--line); border-radius: 6px; max-height: 40rem }
.graph svg { display: block; margin: auto }
.values { display: flex; flex-wrap: wrap; gap: .25rem 2rem; align-items: start }
article { border-top: 1px solid var(--line); padding: .6rem 0 }
article:target { background: var(--panel) }
details.group { border-top: 1px solid var(--line); padding: .4rem 0 0 } details.group > :not(summary) { margin-left: 1.25rem }
summary { cursor: pointer; font-weight: 600 } summary .item { font-weight: 400; color: var(--dim) }
table { border-collapse: collapse; margin: .3rem 0 } caption { text-align: left; font-weight: 600; padding-bottom: .2rem }
th { text-align: left; white-space: nowrap; font-weight: 400; color: var(--dim); padding: .1rem 1rem .1rem 0; vertical-align: top }
td { font-variant-numeric: tabular-nums; overflow-wrap: anywhere; max-width: 40rem }
.confusion td { text-align: right; padding: .15rem .5rem } .confusion th[scope=col] { padding: .15rem .5rem; text-align: right }
.timeline { list-style: none; margin: 0; padding: 0 }
.timeline li { display: grid; grid-template-columns: minmax(6rem, 14rem) 1fr 4rem; gap: .75rem; align-items: center; padding: .1rem 0 }
.timeline a { overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.track { background: var(--panel); border-radius: 3px; height: .8rem; overflow: hidden }
.bar { display: block; height: 100%; min-width: 3px; background: currentColor; border-radius: 3px }
.took { color: var(--dim); font-size: .9rem; text-align: right; font-variant-numeric: tabular-nums }
.artifact { margin: .3rem 0 } .facts { font-size: .9rem; font-weight: 400 }
footer { border-top: 1px solid var(--line); margin-top: 2rem; padding-top: .75rem }
`
