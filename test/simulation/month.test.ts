import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Answer, askAll } from './answers.ts';
import { playMonth } from './month.ts';
import { createWorld, type World } from './world.ts';

const PEOPLE = 1_000;
const secretKey = randomBytes(32);
let world: World | undefined;
let answers: readonly Answer[];

beforeAll(async () => {
  const made = await createWorld(secretKey);
  world = made;
  answers = await askAll(made, await playMonth(made, PEOPLE), secretKey);
}, 300_000);
afterAll(() => world?.close());

test.each([
  'Who could see what on which day?',
  'Who changed it?',
  'Why did the alerts come?',
  'What did the mistake touch?',
  'Take it back.',
  'The evidence of the month.',
])(
  'R149, R150, R151, R152: a month of two identity providers, a break-in and a mistake is answered by REST and the command line: %s',
  (question) => {
    const found = answers.find((answer) => answer.question === question);
    expect(found?.wrong).toEqual([]);
    expect(found?.lines).not.toEqual([]);
  },
);
