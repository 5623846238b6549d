// The command line from its source, as bin/reconcile.js runs it once it is built. Not a test.
import { run } from '../../src/cli/main.ts';

await run();
