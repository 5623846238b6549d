#!/usr/bin/env node
// Checks the Node.js version before anything is loaded that an old one can't even parse. Plain old JavaScript on purpose.
var needed = [22, 15];
var found = process.versions.node.split('.').map(Number);

if (found[0] < needed[0] || (found[0] === needed[0] && found[1] < needed[1])) {
  process.stderr.write(
    'reconcile: Node.js ' +
      process.versions.node +
      ' is too old, ' +
      needed.join('.') +
      ' or later is needed: install it (https://nodejs.org), or run `npx -y node@24 ' +
      process.argv[1] +
      '`.\n',
  );
  process.exitCode = 1;
} else {
  import('../dist/cli/main.js').then(
    (cli) => cli.run(),
    (error) => {
      var unbuilt = error.code === 'ERR_MODULE_NOT_FOUND' && /dist[\\/]cli[\\/]main\.js'/.test(error.message);
      process.stderr.write(
        unbuilt
          ? 'reconcile: it is not built yet: run `npm run build` in its folder.\n'
          : `reconcile: it cannot be loaded: ${error.message}\n`,
      );
      process.exitCode = 1;
    },
  );
}
