import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
    // The tests wait for servers more than they compute: a machine of two cores has time for two files at once.
    maxWorkers: 2,
    // Seen once in some hundred plays: a MariaDB server gone in the middle of a scenario, cause unknown. On a CI machine a
    // play gets a second chance, and vitest says that it needed it; at a desk it does not.
    retry: process.env.CI ? 1 : 0,
  },
});
