// Where the journal is kept unless told otherwise. Apart, so that a command's help does not load the replay.

export const DEFAULT_JOURNAL_SCHEMA = 'reconcile';
