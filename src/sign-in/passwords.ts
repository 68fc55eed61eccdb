import { availableParallelism } from 'node:os';
import { hash, verify } from '@node-rs/argon2';
import { DomainError } from '../directory/errors.ts';
import { createSemaphore, type Semaphore } from '../platform/semaphore.ts';

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. */
const argon2id = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

const SHORTEST = 12;
const LONGEST = 256;

/** One form for what different keyboards type (RFC 8265 asks for NFC or NFKC; NIST SP 800-63B §3.1.1.2). */
const normalize = (password: string): string => password.normalize('NFKC');

/** @returns an encoded argon2id hash */
export function hashPassword(password: string): Promise<string> {
  return hash(normalize(password), argon2id);
}

/** Hash of a random number that no one knows: checking it costs what checking a real one costs. */
const DECOY =
  '$argon2id$v=19$m=19456,t=2,p=1$sRyGjrmdHOCbJxmVnsXaWg$ybOHxoVgy/JEF84rMIi+rG5sW68lNpHbc9B6HGGFSYs';

/** Checks a password against a hash, or against no user's, in the same time (R136). */
export async function passwordMatches(encoded: string | undefined, password: string): Promise<boolean> {
  const matches = await verify(encoded ?? DECOY, normalize(password.slice(0, LONGEST * 4)));
  return matches && encoded !== undefined;
}

/**
 * Password requirements: a minimum length, no character classes (NIST SP 800-63B §3.1.1.2).
 * @throws DomainError `weak_password`
 */
export function checkPassword(password: string, email: string): void {
  const length = [...normalize(password)].length;
  if (length < SHORTEST) throw weak(`Choose a password of at least ${SHORTEST} characters.`);
  if (length > LONGEST) throw weak(`Choose a password of at most ${LONGEST} characters.`);
  const lower = password.toLowerCase();
  const [name = ''] = email.toLowerCase().split('@');
  if (
    lower.includes(email.toLowerCase()) ||
    (name.length > 3 && lower.startsWith(name) && length < name.length + 6)
  ) {
    throw weak('Choose a password that does not contain your e-mail address.');
  }
  if (new Set(lower).size < 5) throw weak('Choose a password with more different characters.');
  if (COMMON.some((common) => lower.startsWith(common) && length < common.length + 8)) {
    throw weak('This password is among the first that attackers try: choose another.');
  }
}

/** Beginnings of the long passwords that lists of leaked ones are full of. */
const COMMON = [
  'password',
  'passwort',
  'motdepasse',
  'qwertyuiop',
  'qwerty123',
  '1234567890',
  'letmein',
  'administrator',
  'welcome',
  'iloveyou',
  'correcthorsebattery',
];

const weak = (sentence: string) => new DomainError('weak_password', sentence);

/** Processors that wrong passwords leave for everything else. */
const LEFT_FREE = 1;
const MOST_WAITING = 500;
const RETRY_SECONDS = 5;

/**
 * Runs checks of passwords, few concurrently: each costs a processor 20 ms and 19 MiB. Known devices do not wait behind
 * unknown ones.
 */
export type PasswordChecks = <Result>(isKnown: boolean, check: () => Promise<Result>) => Promise<Result>;

/** Builds the queues of a process. */
export function createPasswordChecks(): PasswordChecks {
  const places = Math.max(1, availableParallelism() - LEFT_FREE);
  const [known, unknown] = [createSemaphore(places), createSemaphore(places)];
  return (isKnown, check) => withSemaphore(isKnown ? known : unknown, check);
}

/** Builds the queue in which failures are written: they never take all connections of the database. */
export function createFailureWrites(): (write: () => Promise<void>) => Promise<void> {
  const line = createSemaphore(2);
  return (write) => withSemaphore(line, write);
}

async function withSemaphore<Result>(line: Semaphore, work: () => Promise<Result>): Promise<Result> {
  if (line.waiting >= MOST_WAITING) {
    throw new DomainError(
      'throttled',
      'Too many users are signing in at the moment: try again.',
      RETRY_SECONDS,
    );
  }
  await line.enter();
  try {
    return await work();
  } finally {
    line.leave();
  }
}
