import { PAGE_STYLE } from '../../../../core/report/page-style.ts'

/** The page's style. */
export const STYLE = `${PAGE_STYLE}
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
`
