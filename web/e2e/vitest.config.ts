import { defineConfig } from 'vitest/config'

// The tests use the running system by a real browser: `make test` starts it, and localstack/test says where it is.
export default defineConfig({
  test: {
    dir: 'e2e',
    include: ['**/*.e2e.ts'],
    environment: 'node',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } },
    // Each file has its own browser and its own people. More at once would only slow each other down.
    fileParallelism: false,
  },
})
