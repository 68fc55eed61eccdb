import { QUERY } from '../activity-event.ts';
import { seconds } from './dashboard.ts';

/**
 * Says an activity event in one sentence: "Jane Doe asked Support Agent about Prices 2026 (1.8s)."
 * @param name of the user
 */
export function sentenceOfActivity(
  name: string,
  event: {
    readonly type: string;
    readonly agent: string | null;
    readonly resource: string | null;
    readonly responseMs: number | null;
  },
): string {
  const { type, agent, resource, responseMs: ms } = event;
  const time = ms === null ? '' : ` (${seconds(ms)})`;
  if (type === QUERY) {
    const whom = agent === null ? 'asked a question' : `asked ${agent}`;
    return `${name} ${whom}${resource === null ? '' : ` about ${resource}`}${time}.`;
  }
  const through = agent === null ? '' : ` with ${agent}`;
  if (type === 'resource_access' && resource !== null)
    return `${name} accessed ${resource}${through}${time}.`;
  const what = type.replaceAll('_', ' ');
  const on = resource === null ? '' : ` of ${resource}`;
  return `${name}: ${what}${on}${through}${time}.`;
}
