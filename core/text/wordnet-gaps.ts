/** A part of speech in which wink-lexicon's tables are not those of WordNet 3.0, word by word. */
export interface Gaps {
  /** Words of WordNet's that the tables lack. */
  readonly lacking: ReadonlySet<string>
  /** Words that the tables have and WordNet 3.0 has not. */
  readonly added: ReadonlySet<string>
  /** Forms whose base form is not the tables’: what NLTK answers, which may be the form itself. */
  readonly irregular: ReadonlyMap<string, string>
}

/*
 * From WordNet 3.0, Copyright 2006 by Princeton University, all rights reserved, whose licence allows this use. Only words of letters
 * and digits: the tokenisers give no others. wink-lexicon lacks nearly all words of one and two letters, and on purpose the slurs: these
 * it may go on lacking, so that their plurals stay as they are.
 */
export const NOUN_GAPS: Gaps = {
  lacking: words(`
    0 1 10 100 1000 10000 100000 1000000 1000000000 1000000000000 11 12 120 13 14 144 15 1530s 16 17
    1728 1750s 1760s 1770s 1780s 1790s 18 1820s 1830s 1840s 1850s 1860s 1870s 1880s 1890s 19 1900s 1920s
    1930s 1940s 1950s 1960s 1970s 1980s 1990s 2 20 21 22 23 24 25 26 27 28 29 3 30 3d 3tc 4 40 4to 4wd 5
    50 500 6 60 7 70 78 8 80 8vo 9 90 a aa ab ac ad ag ai ak al am an ar as at au av ax az b ba bb bd be
    bh bi bk bm br bs bw c c2h6 ca cc cd cd4 cd8 ce cf ci cl cm co co2 cr cs ct cu cv d da db dc dd de
    deserts dg disbeliever dj dl dm do dp ds dy e ea eb ec ed ee el em en eq er es eu eubstance ev ew ex
    f fa fe fl fm fo fr ft g ga gb gc gd ge gi gm go gp gu gy h h2o ha hb he hf hg hi hl hm hn ho hp hq
    hr hs hs1 hs2 hz i ia ic id ie ig ii il in io ip iq ir it iv iw ix j ji jr jv k k2 ka kb kc kg ki km
    ko kp kr ks kt kv kw ky l la lb le lf lh li lm lp lr lu lx m m1 m2 m3 ma mayas mb mc md me mf mg mi
    ml mm mn mo mp mr ms mt mu mv mx n na nb nc nd ne ng nh ni nj nm no np nt nu nv nw ny o ob od oh ok
    or os ov ox p pa pb pc pd pe penetralia ph pi pm po pr ps pt pu px q qi r ra ranier rb re rf rg rh
    ri rn ro ru rv s sa sb sc sd se sempatch sg si sl sm sn so sr ss sw t ta tb tc te th ti tl tm tn tt
    tv tx u u308 uk un unbeliever ur us ut ut1 uv v va vd vi vt w wa wb wi wu wv wy x xc xe xi xl xt xv
    xx xy y y2k yb yi yr z zb zn zr zu
  `),
  added: words(`
    bazillion biker bricolage chinos clochard concertinist couth crit criterium dehumidifier dendrology
    depths dyslexic gip golfclub helvetia helvetian humidifier initialism ioc jeans johor johore kedah
    kelantan kenosis kiddie lacunar lemniscate liftgate malware manga mic millirem monggo moong moulin
    mrem munggo mysoandry neuromarketing obama obsequy oligo oligonucleotide pahang pandeism
    panenthesism paronym penang penetralium perak perlis polynucleotide promo rainier selangor sempach
    tamal terengganu thiry transgendered trousers vacay volvelle zamboorak zamburak zamburek zumbooruck
    zumbooruk
  `),
  irregular: pairs(`
    assegais:assagai auspices:auspex bacchantes:bacchant calcanei:calcaneus elytra:elytron
    guilders:guilder gurnards:gurnard haggadas:haggada hermae:herm litai:lit lumbi:lumbi
    mishnayoth:mishna oedemata:edema oesophagi:esophagus organa:organon paraleipses:paralipsis
    penetralium:penetralia plectra:plectron ploughmen:plowman prothalamia:prothalamion shofroth:shofar
    signori:signior taeniae:tenia touracos:turaco tyros:tiro wahhabis:wahabi
  `),
}

export const VERB_GAPS: Gaps = {
  lacking: words(`
    ax bath be dj do gi go reacquaint supercede up
  `),
  added: words(`
    babysit exfiltrate minor regift rewind underrun
  `),
  irregular: pairs(`
    could:could feed:fee installed:instal installing:instal stricken:stricken would:would
    overflown:overfly shorn:shorn
  `),
}

function words(list: string): ReadonlySet<string> {
  return new Set(list.trim().split(/\s+/))
}

/** `form:base` each. */
function pairs(list: string): ReadonlyMap<string, string> {
  return new Map([...words(list)].map(pair => pair.split(':') as [string, string]))
}
