import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

export interface Certificate {
  /** PEM. */
  readonly cert: string
  /** PEM. */
  readonly key: string
}

/** A certificate authority of a test, and what it signs. */
export class Authority {
  readonly #name = 'test authority'
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  /** PEM. */
  readonly cert = this.#certify(this.#name, this.#keys.publicKey, [
    extension('551d13', sequence(hex('0101ff'))),
  ])

  /** A certificate for one name, good on 127.0.0.1. */
  issue(name: string): Certificate {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const address = extension('551d11', sequence(tagged(0x87, Buffer.from([127, 0, 0, 1]))))
    return {
      cert: this.#certify(name, publicKey, [address]),
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    }
  }

  /** X.509 v3 (RFC 5280, section 4.1), signed with ECDSA and SHA-256. */
  #certify(name: string, key: KeyObject, extensions: readonly Buffer[]): string {
    const algorithm = sequence(hex('06082a8648ce3d040302'))
    const body = sequence(
      tagged(0xa0, hex('020102')),
      tagged(0x02, Buffer.from([++serial])),
      algorithm,
      nameOf(this.#name),
      sequence(time('20200101000000Z'), time('20491231235959Z')),
      nameOf(name),
      createPublicKey(key.export({ type: 'spki', format: 'pem' })).export({ type: 'spki', format: 'der' }),
      tagged(0xa3, sequence(...extensions)),
    )
    const signature = sign('sha256', body, this.#keys.privateKey)
    const der = sequence(body, algorithm, tagged(0x03, Buffer.concat([Buffer.from([0]), signature])))
    const lines = der.toString('base64').replace(/.{64}/g, '$&\n')
    return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
  }
}

let serial = 0

/** DER: a tag, the content's length, the content (X.690, section 8.1). */
function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts))
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex')
}

/** A common name, 2.5.4.3. */
function nameOf(name: string): Buffer {
  return sequence(tagged(0x31, sequence(hex('0603550403'), tagged(0x0c, Buffer.from(name)))))
}

function time(text: string): Buffer {
  return tagged(0x18, Buffer.from(text))
}

function extension(id: string, content: Buffer): Buffer {
  return sequence(tagged(0x06, hex(id)), tagged(0x04, content))
}
