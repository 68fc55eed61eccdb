import type { UserId } from '../../directory/ids.ts';
import { uuidv7 } from '../../platform/ids.ts';
import { HOUR_MS } from '../../platform/time.ts';
import { type Api, OFFICE, type World } from './world.ts';

/** What the assistant platform reports. */
export interface Activity {
  /** A day of everybody, at its end. */
  ofDay(users: readonly UserId[], day: number): Promise<void>;
  /** Someone asks far more than ever before. */
  unusuallyMany(user: UserId): Promise<void>;
}

/** Events of one report. */
const MOST = 500;
const AGENTS = ['Support agent', 'Calibration assistant', 'Quote writer'] as const;
/** How much of a day's questions come in an hour of UTC. */
const HOURS = [0, 0, 0, 0, 0, 0.5, 2, 5, 8, 10, 9, 6, 7, 9, 9, 8, 5, 3, 1.5, 1, 0.5, 0.3, 0, 0] as const;

/** Builds it. @param sources names of the data sources that are looked into */
export function createActivity({ clock, random }: World, api: Api, sources: readonly string[]): Activity {
  const report = async (events: readonly object[]): Promise<void> => {
    for (let from = 0; from < events.length; from += MOST) {
      await api.send('POST', '/activity/events', { events: events.slice(from, from + MOST) });
    }
  };
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const eventOf = (userId: UserId, at: number, agent: string) => {
    const isQuery = random() > 0.15;
    const looksInto = !isQuery || random() < 0.4;
    return {
      id: uuidv7(at),
      type: isQuery ? 'query' : 'resource_access',
      at: new Date(at).toISOString(),
      userId,
      ...(isQuery ? { agent, responseMs: Math.round(600 + 2_400 * random() ** 2) } : {}),
      ...(looksInto ? { resource: pick(sources) } : {}),
      ip: OFFICE,
    };
  };

  return {
    ofDay: async (users, day) => {
      const now = clock.now().getTime();
      const dayBegins = now - (now % (24 * HOUR_MS));
      const isWeekend = clock.weekday() % 6 === 0;
      const total = (isWeekend ? 24 : 150) + day * 3;
      const sum = HOURS.reduce<number>((before, each) => before + each, 0);
      const events: object[] = [];
      for (const [hour, share] of HOURS.entries()) {
        const count = Math.round((total * share * (0.7 + 0.6 * random())) / sum);
        for (let n = 0; n < count; n += 1) {
          const at = Math.floor(dayBegins + (hour + random()) * HOUR_MS);
          // What has not happened yet is not reported.
          if (at > now) continue;
          // Some ask much more than others.
          const place = Math.floor(users.length * random() ** 2.2);
          events.push(eventOf(users[place] as UserId, at, AGENTS[place % AGENTS.length] as string));
        }
      }
      await report(events);
    },

    unusuallyMany: async (user) => {
      const hour = clock.now().getTime() - HOUR_MS;
      await report(
        Array.from({ length: 110 }, () =>
          eventOf(user, Math.floor(hour + random() * HOUR_MS), 'Quote writer'),
        ),
      );
    },
  };
}
