import { describe, test } from '@jest/globals'
import { readConnection } from '../../core/registry/mlflow/connection.ts'
import { MlflowRegistry } from '../../core/registry/mlflow/registry.ts'
import { mlflowServer } from '../support/mlflow-server.ts'
import { REGISTRY_CONTRACT } from '../support/registry-contract.ts'
import { tempFolder } from '../support/temp.ts'

describe.each([
  ['a server of today', '3.17.2'],
  ['one without logged models', '2.22.0'],
])('%s', (_, version) => {
  test.each(Object.entries(REGISTRY_CONTRACT))('%s', async (_title, holds) => {
    await using temp = await tempFolder()
    await using server = await mlflowServer({ version })
    const open = () =>
      new MlflowRegistry({ ...readConnection(server.url, {}), pauseSeconds: 0.001 }, temp.path)
    await using registry = open()
    await using second = open()
    await holds({ registry, second, path: temp.path, prefix: 'news' })
  })
})
