// What a server's errors mean to a replay, and how they are said.
import { expect, test } from 'vitest';
import { commitError, fatalError, faultOf, NotExact } from '../../src/replay/server-faults.ts';

const serverError = (errno: number, message: string): Error => Object.assign(new Error(message), { errno });
const lost = Object.assign(new Error('Connection lost: The server closed the connection.'), {
  code: 'PROTOCOL_CONNECTION_LOST',
});
const reset = Object.assign(new Error('read ECONNRESET'), { errno: -104, code: 'ECONNRESET' });

test.each([
  [1213, 'try-again'],
  [1205, 'try-again'],
  [1020, 'try-again'],
  [1062, 'does-not-fit'],
  [1452, 'does-not-fit'],
  [1366, 'does-not-fit'],
  [1290, 'fatal'],
  [1142, 'fatal'],
])('%i: %s', (errno, kind) => {
  expect(faultOf(new Error('outer', { cause: serverError(errno, 'inner') }))).toMatchObject({ kind, errno });
});

test('a row that came out another is no reason to end the run, a lost connection is', () => {
  expect(faultOf(new NotExact()).kind).toBe('does-not-fit');
  expect(faultOf(lost)).toMatchObject({ kind: 'fatal', errno: 0 });
  expect(faultOf(reset)).toMatchObject({ kind: 'fatal', errno: 0 });
});

test('a commit without an answer is not said to be rolled back', () => {
  for (const error of [lost, reset]) {
    expect(commitError('restored primary db1:3306', 'u:7', error, 10)).toMatchObject({
      code: 'connection',
      message: `restored primary db1:3306: it is not known whether transaction u:7 is committed: ${error.message}`,
    });
  }
  expect(commitError('db1', 'u:7', serverError(1290, 'read only'), 10).message).toBe(
    'db1: transaction u:7 was rolled back: read only',
  );
  expect(fatalError('db1', 'u:7', lost, 10).message).toMatch(/^db1: transaction u:7 was rolled back/);
});

test('a server that logs statements only says what to set', () => {
  expect(fatalError('db1', 'u:7', serverError(1666, 'impossible to write'), 10)).toMatchObject({
    code: 'unsupported',
    message: 'db1: transaction u:7 was rolled back: impossible to write',
    hint: expect.stringContaining(`SET GLOBAL binlog_format='ROW'`),
  });
});
