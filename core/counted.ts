/** A number of things for a person: `1 row`, `1,204 rows`, `4 classes`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`
}
