import { defineConfig } from 'vitest/config'

// The tests use the running system by a real browser: `make test` starts it, and localstack/test says where it is.
export default defineConfig({
  test: {
    dir: 'e2e',
    include: ['**/*.e2e.ts'],
    environment: 'node',
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 30_000 } },
    // Each file has its own browser and its own people. Two at once: while one waits for the server, the other goes on.
    maxWorkers: 2,
  },
})
