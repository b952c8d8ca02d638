import { PressroomError } from '../errors.ts'

/*
 * MLflow's rules (mlflow/utils/validation.py), so that what is registered here can move there. Model names
 * are stricter: one is also a folder's name, and part of an endpoint's.
 */
const MODEL_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/
const ALIAS = /^[A-Za-z0-9_-]{1,255}$/
const KEY = /^[\p{L}\p{N}_/. :-]{1,250}$/u

/** @throws PressroomError `invalid-name` with the rule. */
export function checkModelName(name: string): void {
  if (MODEL_NAME.test(name)) return
  throw new PressroomError('invalid-name', `${JSON.stringify(name)} is not a model name`, {
    fix: 'use 1 to 200 letters, digits, dots, dashes and underscores, a letter or digit first',
  })
}

/** @throws PressroomError `invalid-name` with the rule. */
export function checkAlias(alias: string): void {
  if (!ALIAS.test(alias)) {
    throw new PressroomError('invalid-name', `${JSON.stringify(alias)} is not an alias`, {
      fix: 'use 1 to 255 letters, digits, dashes and underscores',
    })
  }
  if (/^(latest|v\d+)$/i.test(alias)) {
    throw new PressroomError('invalid-name', `the alias ${alias} is reserved`, {
      fix: '"latest" and a "v" with a number already mean versions; use another word, champion for example',
    })
  }
}

/**
 * The keys of tags, params and metrics.
 * @throws PressroomError `invalid-name` with the rule.
 */
export function checkKeys(keys: Iterable<string>): void {
  for (const key of keys) {
    if (KEY.test(key)) continue
    throw new PressroomError(
      'invalid-name',
      `${JSON.stringify(key)} is not a key of a tag, param or metric`,
      {
        fix: 'use 1 to 250 letters, digits, spaces and _ - . / :',
      },
    )
  }
}

/** The same text with an underscore for every character that a key cannot have, cut to a key's length. */
export function toKey(text: string): string {
  return text.replace(/[^\p{L}\p{N}_/. :-]/gu, '_').slice(0, 250)
}
