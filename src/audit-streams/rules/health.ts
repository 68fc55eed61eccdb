import { countOf } from '../../platform/counts.ts';

/** What is known of a stream. Times are ISO 8601. */
export interface StreamProgress {
  readonly paused: boolean;
  readonly failures: number;
  readonly lastError: string | null;
  readonly waiting: number;
  /** Whether more wait than were counted. */
  readonly moreWaiting: boolean;
  readonly deliveredEventAt: string | null;
}

export type StreamState = 'paused' | 'failing' | 'behind' | 'current';

/** More than what is on its way at any moment. */
const BEHIND = 1_000;

/** How a stream is, in a word and in a sentence. */
export function healthOf(progress: StreamProgress): {
  readonly state: StreamState;
  readonly sentence: string;
} {
  const { waiting, moreWaiting, lastError } = progress;
  const count = `${moreWaiting ? 'More than ' : ''}${countOf(waiting, 'event waits', 'events wait')}`;
  if (progress.paused) return { state: 'paused', sentence: `Paused. ${count} until it is resumed.` };
  if (progress.failures > 0) {
    const attempts = `${countOf(progress.failures, 'attempt')} failed`;
    return { state: 'failing', sentence: `${count}: ${attempts}. ${lastError ?? ''}`.trim() };
  }
  if (waiting > BEHIND) return { state: 'behind', sentence: `${count} and are being delivered.` };
  if (progress.deliveredEventAt === null && waiting === 0) {
    return { state: 'current', sentence: 'Nothing has happened since it was added.' };
  }
  return { state: 'current', sentence: waiting === 0 ? 'All events are delivered.' : `${count}.` };
}
