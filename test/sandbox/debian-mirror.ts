// Reads the address of this machine's Debian mirror out of its apt sources, at run time. Never has one of its own.
import { readdirSync, readFileSync } from 'node:fs';

interface AptSource {
  uri: string;
  suites: string[];
  components: string[];
}

const SUITES = ['bookworm', 'trixie', 'forky', 'sid', 'oldstable', 'stable', 'testing', 'unstable'];

export function debianMirror(aptFolder = '/etc/apt'): string | undefined {
  const main = aptSources(aptFolder).filter((source) => source.components.includes('main'));
  const candidates = main.filter((source) => source.suites.some((suite) => SUITES.includes(suite)));
  // Others have suites of these names too, but only Debian itself has updates to them beside.
  const updated = new Set(main.filter((source) => source.suites.some(isUpdates)).map((source) => source.uri));
  const named = (source: AptSource) => /\/debian\/?$/.test(source.uri);
  return (candidates.find(({ uri }) => updated.has(uri)) ?? candidates.find(named) ?? candidates[0])?.uri;
}

const isUpdates = (suite: string) => suite.endsWith('-updates');

function aptSources(aptFolder: string): AptSource[] {
  const parts = listing(`${aptFolder}/sources.list.d`).map((name) => `${aptFolder}/sources.list.d/${name}`);
  return [`${aptFolder}/sources.list`, ...parts].flatMap((path) => {
    if (path.endsWith('.list')) return oneLineSources(text(path));
    if (path.endsWith('.sources')) return deb822Sources(text(path));
    return [];
  });
}

/** `deb [option=value …] URI suite component …` */
function oneLineSources(content: string): AptSource[] {
  return content.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[[^\]]*\]\s*)?(\S+)\s+([^#]+)/.exec(line);
    if (!match) return [];
    const [suite, ...components] = words(match[2]!);
    return suite ? [{ uri: match[1]!, suites: [suite], components }] : [];
  });
}

/** Stanzas of `Field: value`, apart by an empty line; a value goes on in lines that begin with a blank. */
function deb822Sources(content: string): AptSource[] {
  return content.split(/\n\s*\n/).flatMap((stanza) => {
    const fields = new Map<string, string>();
    let field = '';
    for (const line of stanza.split('\n')) {
      if (line.startsWith('#')) continue;
      const match = /^([A-Za-z-]+):(.*)$/.exec(line);
      if (match) field = match[1]!.toLowerCase();
      fields.set(field, `${fields.get(field) ?? ''} ${match ? match[2] : line}`);
    }
    const values = (name: string) => words(fields.get(name) ?? '');
    if (!values('types').includes('deb') || values('enabled')[0] === 'no') return [];
    return values('uris').map((uri) => ({ uri, suites: values('suites'), components: values('components') }));
  });
}

const words = (line: string) => line.split(/\s+/).filter(Boolean);

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function listing(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
