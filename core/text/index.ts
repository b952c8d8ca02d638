export type { TextSettings } from './settings.ts'
export * from './tfidf.ts'
