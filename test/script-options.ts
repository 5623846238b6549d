// The options of the repository's scripts (`npm run chaos` and its like): read before anything is started. A mistake is one
// line that says what may be given, and exit code 1.

/** What `read` makes of the options. Whatever it throws is told with `usage` behind it, and ends the process. */
export function scriptOptions<T>(usage: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    // parseArgs() goes on with advice about arguments that these scripts do not take.
    const [fact] = (error as Error).message.split(/\. |\n/);
    console.error(`${fact}. ${usage}`);
    process.exit(1);
  }
}

export function wholeNumber(name: string, text: string, least: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && Number.isSafeInteger(number)) return number;
  throw new Error(`${name} ${text} is no whole number from ${least} on`);
}

export function namesOf<Name extends string>(
  name: string,
  given: readonly string[],
  known: Record<Name, unknown>,
): Name[] {
  const stranger = given.find((one) => !Object.hasOwn(known, one));
  if (stranger === undefined) return given as Name[];
  throw new Error(`${name} ${stranger} is none of ${Object.keys(known).join(', ')}`);
}
