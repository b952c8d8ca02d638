import { describe, expect, test } from '@jest/globals'
import { PressroomError } from '../../core/errors.ts'
import { formatUptime } from '../../serving/about.ts'
import { failureOf } from '../../serving/failures.ts'
import { scores } from '../../serving/protocols/answers.ts'
import { LIMITS, parseBody } from '../../serving/protocols/requests.ts'
import {
  readExplained,
  readText,
  readTexts,
  writeAnswer,
  writeBatch,
} from '../../serving/protocols/simple.ts'
import { readInstances, writePredictions } from '../../serving/protocols/vertex.ts'
import { parseServeSettings } from '../../serving/settings.ts'
import { chooseVersion, parseTraffic } from '../../serving/traffic.ts'
import * as fc from '../support/properties.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const source = { model: 'news', version: '3', labels: ['Business', 'Sports', 'World'] }
const prediction = { label: 'Sports', probabilities: Float64Array.of(0.25, 0.625, 0.125) }

function fault(work: () => unknown): { code: string; message: string } {
  try {
    work()
  } catch (error) {
    if (error instanceof PressroomError)
      return { code: error.code, message: error.message.replaceAll('\n  ', '; ') }
    throw error
  }
  throw new Error('nothing was refused')
}

describe('request bodies', () => {
  test.each([
    ['', 'the body is empty; send a JSON object such as {"text": "Rates hold steady"}'],
    ['[]', 'the body is a list, not an object; send {"text": …} or {"instances": […]}'],
    ['null', 'the body is null, not an object; send {"text": …} or {"instances": […]}'],
    ['"x"', 'the body is a string, not an object; send {"text": …} or {"instances": […]}'],
  ])('%j is refused', (body, message) => {
    expect(fault(() => parseBody(bytes(body)))).toEqual({ code: 'invalid-request', message })
  })

  test('what is not JSON or not UTF-8 is refused with its place', () => {
    expect(fault(() => parseBody(bytes('{"text": }'))).message).toMatch(/^the body is not JSON; .*; send /)
    expect(fault(() => parseBody(Uint8Array.of(0x7b, 0xff, 0x7d))).message).toMatch(
      /^the body is not UTF-8 text; /,
    )
  })

  test('no bytes do anything but parse or be refused', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.json().map(bytes)), body => {
        try {
          const parsed = parseBody(body)
          return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
        } catch (error) {
          return error instanceof PressroomError && error.code === 'invalid-request'
        }
      }),
    )
  })

  test.each([
    [readText, { text: 'Rates hold' }, 'Rates hold'],
    [readTexts, { texts: ['a', 'b'] }, ['a', 'b']],
    [readInstances, { instances: ['a', { text: 'b' }] }, ['a', 'b']],
    // An emoji that a program cut in two is answered as it is learned from.
    [readText, { text: 'cut \ud83d' }, 'cut \ufffd'],
    [readInstances, { instances: [{ text: '\ude00 😀' }] }, ['\ufffd 😀']],
    [readInstances, { instances: ['a'], parameters: null }, ['a']],
    [readInstances, { instances: ['a'], parameters: {} }, ['a']],
  ])('%p reads %j', (read, body, texts) => {
    expect(read(body)).toEqual(texts)
  })

  test.each([
    [readText, {}, 'the body has neither "text" nor "instances"; it has no field; '],
    [readText, { txt: 'a' }, 'the body has neither "text" nor "instances"; it has "txt"; '],
    [
      readExplained,
      { instances: ['a'] },
      'the body has no "text"; it has "instances"; send {"text": "…"}: one',
    ],
    [readText, { text: 'a', top: 3 }, 'the body has "top"; it takes "text" only'],
    [readText, { text: 3 }, 'text is a number, not a string; '],
    [readText, { text: ' \n' }, 'text is blank; '],
    [
      readText,
      { text: 'x'.repeat(LIMITS.characters + 1) },
      'text has 20,001 characters; the limit is 20,000; ',
    ],
    [readTexts, {}, 'texts is missing, not a list; '],
    [readTexts, { texts: [] }, 'texts is empty; '],
    [readTexts, { texts: ['a', null] }, 'texts[1] is null, not a string; '],
    [readTexts, { texts: new Array(LIMITS.texts + 1).fill('a') }, 'texts has 257 texts; the limit is 256; '],
    [readInstances, { instances: 'a' }, 'instances is a string, not a list; '],
    [
      readInstances,
      { instances: ['a'], text: 'b' },
      'the body has "text"; it takes "instances" and "parameters" only',
    ],
    [readInstances, { instances: ['a', { txt: 'b' }] }, 'instances[1] has "txt"; it takes "text" only'],
    [readInstances, { instances: [{}] }, 'instances[0].text is missing, not a string; '],
    [readInstances, { instances: [['a']] }, 'instances[0] is a list, not a string; '],
    [
      readInstances,
      { instances: ['a'], parameters: [] },
      'parameters is a list, not an object; leave it out',
    ],
    [
      readInstances,
      { instances: ['a'], parameters: { k: 1 } },
      'parameters has "k"; leave it out: there are none',
    ],
  ])('%p refuses %j', (read, body, message) => {
    const { code, message: said } = fault(() => read(body))
    expect([code, said.slice(0, message.length)]).toEqual(['invalid-request', message])
  })
})

describe('answers', () => {
  test('the simple protocol, whole', () => {
    const { timestamp, ...answer } = writeAnswer(prediction, source, 1.23456)
    expect(new Date(timestamp).toISOString()).toBe(timestamp)
    expect(JSON.stringify(answer)).toBe(
      '{"prediction":"Sports","confidence":0.625,"probabilities":{"Sports":0.625,"Business":0.25,"World":0.125},' +
        '"processing_time_ms":1.235,"model_version":"3"}',
    )
  })

  test('a batch and Vertex AI give the same scores, in order', () => {
    const other = { label: 'World', probabilities: Float64Array.of(0, 0, 1) }
    const expected = [scores(prediction, source.labels), scores(other, source.labels)]
    expect(writeBatch([prediction, other], source, 1).predictions).toEqual(expected)
    expect(writePredictions([prediction, other], source)).toEqual({ predictions: expected })
  })

  test('every class is there whatever it is called', () => {
    const labels = ['__proto__', '10', '9']
    const { probabilities } = scores({ label: '9', probabilities: Float64Array.of(0.5, 0.2, 0.3) }, labels)
    expect(Object.entries(JSON.parse(JSON.stringify(probabilities))).sort()).toEqual([
      ['10', 0.2],
      ['9', 0.3],
      ['__proto__', 0.5],
    ])
  })

  test.each([
    [new PressroomError('invalid-request', 'a', { where: 'b', fix: 'c' }), 400, 'Invalid input', 'a; b; c'],
    [new PressroomError('not-served', 'a'), 503, 'Model not ready', 'a'],
    [new PressroomError('prediction-failed', 'a'), 500, 'Model prediction failed', 'a'],
    [new Error('secret of the house'), 500, 'Internal error', 'the service failed; its log says why'],
    [Object.assign(new Error(), { statusCode: 431 }), 431, 'Request refused', 'the request cannot be read'],
  ])('%p is answered', (error, status, title, message) => {
    const { body, ...rest } = failureOf(error)
    expect([rest.status, body.error, body.message]).toEqual([status, title, message])
  })

  test.each([
    [0.9, '0:00:00'],
    [3 * 3600 + 25 * 60 + 45, '3:25:45'],
    [86_400, '1 day, 0:00:00'],
    [2 * 86_400 + 14 * 3600 + 32 * 60 + 18, '2 days, 14:32:18'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(formatUptime(seconds)).toBe(text)
  })
})

describe('traffic', () => {
  const split = fc
    .array(fc.integer({ min: 0, max: 100 }), { maxLength: 4 })
    .map(cuts => [0, ...cuts.sort((a, b) => a - b), 100])
    .map(cuts => Object.fromEntries(cuts.slice(1).map((cut, i) => [`v${i}`, cut - cuts[i]!])))

  test('any hundred requests in a row meet the split exactly', () => {
    fc.assert(
      fc.property(split, fc.nat(), (shares, turn) => {
        const traffic = parseTraffic(shares, Object.keys(shares), 'news')
        const chosen = Array.from({ length: 100 }, (_, i) => chooseVersion(traffic, turn + i))
        const counts = Object.fromEntries(
          Object.keys(traffic).map(v => [v, chosen.filter(c => c === v).length]),
        )
        expect(counts).toEqual(traffic)
      }),
    )
  })

  test.each([
    [{ a: 50, b: 49 }, 'news: traffic does not sum to 100 %; the split is a at 50 %, b at 49 %; '],
    [{ a: 150, b: -50 }, 'news: traffic does not sum to 100 %; '],
    [{ a: 99.5, b: 0.5 }, 'news: traffic does not sum to 100 %; '],
    [{}, 'news: traffic does not sum to 100 %; the split is nothing; '],
    [{ a: 50, c: 50 }, 'news: version c is not loaded; '],
  ])('%j is refused', (shares, message) => {
    const { code, message: said } = fault(() => parseTraffic(shares, ['a', 'b'], 'news'))
    expect([code, said.slice(0, message.length)]).toEqual(['invalid-setting', message])
  })
})

describe('settings', () => {
  const vertex = {
    AIP_HTTP_PORT: '8081',
    AIP_HEALTH_ROUTE: '/v1/endpoints/1/deployedModels/2',
    AIP_PREDICT_ROUTE: '/v1/endpoints/1/deployedModels/2:predict',
    AIP_STORAGE_URI: 'file:///models/news',
    PORT: '9',
  }

  test.each([
    ['nothing', {}, {}, { models: [], host: '127.0.0.1', port: 8080 }],
    ['Cloud Run', {}, { PORT: '9090', AIP_HTTP_PORT: '' }, { models: [], host: '0.0.0.0', port: 9090 }],
    [
      'Vertex AI',
      {},
      vertex,
      {
        models: [{ name: 'model', version: '1', folder: '/models/news' }],
        host: '0.0.0.0',
        port: 8081,
        healthRoute: vertex.AIP_HEALTH_ROUTE,
        predictRoute: vertex.AIP_PREDICT_ROUTE,
      },
    ],
    [
      'Vertex AI, as the deployer sets it up',
      {},
      {
        AIP_STORAGE_URI: 'gs://b/m',
        PRESSROOM_MODEL: '/model',
        PRESSROOM_MODEL_NAME: 'a/b',
        PRESSROOM_MODEL_VERSION: '3',
      },
      { models: [{ name: 'a/b', version: '3', folder: 'gs://b/m' }], host: '127.0.0.1', port: 8080 },
    ],
    [
      'flags before the environment',
      { models: ['a', 'news=b', 'news@v4=c=d'], host: '::1', port: '0' },
      { PRESSROOM_PORT: '1', PRESSROOM_HOST: 'x', PRESSROOM_MODEL: 'y', PORT: '2' },
      {
        models: [
          { name: 'model', version: '1', folder: 'a' },
          { name: 'news', version: '1', folder: 'b' },
          { name: 'news', version: 'v4', folder: 'c=d' },
        ],
        host: '::1',
        port: 0,
      },
    ],
    [
      'our own variables',
      {},
      {
        ...{ PRESSROOM_PORT: '1', PRESSROOM_HOST: 'x', PRESSROOM_MODEL: '/m', PORT: '2' },
        PRESSROOM_RUNTIME: 'onnxruntime',
      },
      {
        ...{ models: [{ name: 'model', version: '1', folder: '/m' }], host: 'x', port: 1 },
        runtime: 'onnxruntime',
      },
    ],
  ])('%s', (_case, flags, env, settings) => {
    expect(parseServeSettings(flags, env)).toEqual(settings)
  })

  test.each([
    [{ port: '80a' }, {}, '--port is "80a", which is not a port; '],
    [{ port: '65536' }, {}, '--port is "65536", which is not a port; '],
    [{}, { AIP_HTTP_PORT: '-1' }, 'AIP_HTTP_PORT is "-1", which is not a port; '],
    [{}, { AIP_HEALTH_ROUTE: 'health' }, 'AIP_HEALTH_ROUTE is "health", which is not a path; '],
    [{}, { AIP_PREDICT_ROUTE: '/*' }, 'AIP_PREDICT_ROUTE is "/*", which is not a path; '],
    [
      {},
      { AIP_STORAGE_URI: 'ftp://b/m' },
      'AIP_STORAGE_URI is ftp://b/m, and ftp:// is no place for a model; ',
    ],
    [{ models: [''] }, {}, '"" names no model folder; '],
    [{ runtime: 'onnx' }, {}, '--runtime is "onnx", which is no runtime; '],
  ])('%j with %j is refused', (flags, env, message) => {
    const { code, message: said } = fault(() => parseServeSettings(flags, env))
    expect([code, said.slice(0, message.length)]).toEqual(['invalid-setting', message])
  })
})
