// The page's behaviour. Plain JavaScript, served as it stands: no build lies between this file and the browser.
const percent = new Intl.NumberFormat('en', {
  style: 'percent',
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
})
const whole = new Intl.NumberFormat('en')
const signed = new Intl.NumberFormat('en', {
  signDisplay: 'exceptZero',
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
})
const RETRY_MS = 2000

const $ = id => document.getElementById(id)
const text = $('text')
let shownVersion
let request = new AbortController()

/** Asks the service. `?model=` of the page's own address is passed on. Throws an Error that a person can read. */
async function ask(path, options) {
  let response
  let body
  try {
    response = await fetch(path + location.search, options)
    body = await response.json()
  } catch (cause) {
    if (cause.name === 'AbortError') throw cause
    // A proxy in between may answer with a page of its own.
    const what =
      response === undefined
        ? 'does not answer. Is it still running?'
        : `answered ${response.status}, without JSON.`
    throw new Error(`The service ${what}`, { cause })
  }
  if (!response.ok) throw Object.assign(new Error(sentence(body.message)), { status: response.status })
  return body
}

/** Digits align with the true minus sign; Intl writes a hyphen in English. */
const minus = number => number.replace('-', '\u2212')
const sentence = words => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`

function element(name, className, ...children) {
  const made = document.createElement(name)
  if (className) made.className = className
  made.append(...children)
  return made
}

/** Shows which model answers; asks again while there is none, since the page may be open before the first deployment. */
async function describeModel() {
  try {
    const info = await ask('model/info')
    shownVersion = info.version
    $('dateline').replaceChildren(
      element('span', '', `${info.model_name}, version ${info.version}`),
      element('span', '', info.categories.join(', ')),
      element('span', '', describeEngine(info)),
    )
    text.maxLength = info.limits.characters
    if (!$('reading').classList.contains('answered')) showClasses(info.categories.map(name => [name, 0]))
    showExamples(info.examples)
  } catch (error) {
    $('dateline').replaceChildren(element('span', '', error.message))
    if (error.status !== 400) setTimeout(describeModel, RETRY_MS)
  }
}

function describeEngine({ model_type: engine, feature_count: features }) {
  return features === null ? engine : `${engine}, ${whole.format(features)} features`
}

function showExamples(examples) {
  // A promotion brings new ones; not while somebody stands on one.
  if ($('example-list').contains(document.activeElement)) return
  const items = examples.map(example => {
    const button = element('button', '', example)
    button.type = 'button'
    button.addEventListener('click', () => {
      text.value = example
      classify()
    })
    return element('li', '', button)
  })
  $('example-list').replaceChildren(...items)
  $('examples').hidden = items.length === 0
}

async function classify() {
  request.abort()
  request = new AbortController()
  const { signal } = request
  const headline = text.value.trim()
  $('reading').setAttribute('aria-busy', String(headline !== ''))
  if (headline === '') return showFault('Write a headline first.')
  try {
    const answer = await ask('explain', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: headline }),
      signal,
    })
    showFault('')
    showAnswer(headline, answer)
    if (answer.model_version !== shownVersion) describeModel()
  } catch (error) {
    // A newer headline took this one's place, and says how it goes.
    if (error.name === 'AbortError') return
    showFault(error.message)
  }
  if (!signal.aborted) $('reading').setAttribute('aria-busy', 'false')
}

function showFault(message) {
  $('fault').textContent = message
  text.setAttribute('aria-invalid', String(message !== ''))
  if (message !== '') text.focus()
}

function showAnswer(headline, answer) {
  const confidence = percent.format(answer.confidence)
  $('prediction').textContent = answer.prediction
  $('confidence').textContent = confidence
  $('proof').replaceChildren(...markWords(headline, answer.words))
  showClasses(Object.entries(answer.probabilities), answer.prediction)
  showWords(answer)
  $('source').textContent =
    `Answered by ${answer.model_name}, version ${answer.model_version}, in ${answer.processing_time_ms.toFixed(1)} ms`
  $('proof').hidden = false
  $('reasons').hidden = false
  $('reading').classList.add('answered')
  $('status').textContent = announce(answer, confidence)
  const { top, bottom } = $('prediction').getBoundingClientRect()
  if (top < 0 || bottom > innerHeight) $('reading').scrollIntoView()
}

/** A bar for each `[class, probability]`; before the first prediction there is none predicted, and the bars are empty. */
function showClasses(classes, predicted) {
  $('classes').replaceChildren(
    ...classes.map(([name, share]) =>
      bar(
        name === predicted ? 'first' : '',
        name,
        share,
        predicted === undefined ? '' : percent.format(share),
      ),
    ),
  )
  $('every-class').hidden = false
}

function showWords({ words, prediction }) {
  const heaviest = Math.max(...words.map(({ weight }) => Math.abs(weight)))
  $('words').replaceChildren(
    ...words.map(word =>
      bar(
        word.weight < 0 ? 'against' : 'for',
        word.words,
        Math.abs(word.weight) / heaviest,
        minus(signed.format(word.weight)),
      ),
    ),
  )
  $('words-note').textContent =
    words.length === 0
      ? 'The model knows none of these words; the answer is what it says of any text.'
      : `Log-odds of ${prediction} against the mean of all classes: to the right for it, to the left against it.`
}

function bar(className, name, share, number) {
  const track = element('span', 'bar')
  track.setAttribute('aria-hidden', 'true')
  track.style.setProperty('--share', '0')
  // A frame later, so that the bar is seen to grow.
  requestAnimationFrame(() => track.style.setProperty('--share', String(share)))
  return element('li', className, element('span', 'name', name), track, element('span', 'number', number))
}

/** The headline as nodes, with the words that spoke for the class marked, the heavier the stronger. */
function markWords(headline, words) {
  const weights = new Map()
  for (const { words: ngram, weight } of words.filter(word => word.weight > 0)) {
    for (const word of ngram.split(' ')) weights.set(word, Math.max(weight, weights.get(word) ?? 0))
  }
  const heaviest = Math.max(...weights.values())
  return headline.split(/([\p{L}\p{N}_]+)/u).map(part => {
    const weight = weights.get(part.toLowerCase())
    if (weight === undefined) return part
    const marked = element('mark', '', part)
    marked.style.setProperty('--weight', String(weight / heaviest))
    return marked
  })
}

/** What a screen reader says when the answer is there. */
function announce({ prediction, words, model_version: version }, confidence) {
  const reasons = words.filter(({ weight }) => weight > 0).slice(0, 3)
  const because = reasons.length === 0 ? '' : ` Weighed most: ${reasons.map(word => word.words).join(', ')}.`
  return `${prediction}, ${confidence}.${because} Version ${version} answered.`
}

$('desk').addEventListener('submit', event => {
  event.preventDefault()
  classify()
})
text.addEventListener('keydown', event => {
  // Enter also ends a composition of an input method; that one is not meant for us.
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
  event.preventDefault()
  classify()
})
describeModel()
