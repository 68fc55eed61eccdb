import type { CommandDependencies } from '../directory/command-dependencies.ts';
import { DomainError } from '../directory/errors.ts';
import { findSettings } from '../directory/organizations/store/settings.ts';
import type { Authority, Rights } from '../directory/roles/authority.ts';
import { findPreferences, writePreference } from './store/recipients.ts';
import {
  allowedFrequencies,
  defaultFrequency,
  type Frequency,
  frequencyOf,
  isInAudience,
  type NotificationSettings,
  TOPICS,
  type Topic,
} from './topics.ts';

/** How often a user is told of a topic. */
export interface TopicPreference {
  readonly topic: Topic;
  /** What holds. */
  readonly frequency: Frequency;
  /** What holds without a choice. */
  readonly default: Frequency;
  readonly isChosen: boolean;
  readonly allowed: readonly Frequency[];
}

export interface OwnNotifications {
  readonly digestHour: number;
  readonly digestTimeZone: string;
  /** Those that the user's rights reach. */
  readonly topics: readonly TopicPreference[];
}

export interface NotificationPreferences {
  /** @throws DomainError `not_found` for a service account, which gets no mail */
  own(by: Authority): Promise<OwnNotifications>;
  /**
   * Chooses for some topics; null is the default.
   * @throws DomainError `frequency_not_allowed`; `not_found` for a service account
   */
  choose(by: Authority, choices: ReadonlyMap<Topic, Frequency | null>): Promise<void>;
}

/** Builds what users do with their notifications. */
export function createNotificationPreferences({ db, runner }: CommandDependencies): NotificationPreferences {
  return {
    own: async (by) => {
      requirePerson(by);
      const { settings } = await findSettings(db, by.org);
      const chosen = await findPreferences(db, by.org, by.rights.id);
      const { digestHour, digestTimeZone } = settings;
      return { digestHour, digestTimeZone, topics: listTopics(by.rights, settings, chosen) };
    },

    choose: (by, choices) =>
      runner.runAs(by, async ({ tx, org, recordEvent }, actor) => {
        requirePerson(actor);
        const { rights } = actor;
        const { settings } = await findSettings(tx, org);
        const before = await findPreferences(tx, org, rights.id);
        const values: Record<string, readonly [Frequency | null, Frequency | null]> = {};
        for (const [topic, frequency] of choices) {
          if (frequency !== null) requireAllowed(topic, frequency, rights, settings);
          const known = before.get(topic) ?? null;
          if (known === frequency) continue;
          await writePreference(tx, org, rights.id, topic, frequency);
          values[topic] = [known, frequency];
        }
        if (Object.keys(values).length === 0) return;
        recordEvent({ action: 'notifications.updated', target: ['user', rights.id], changes: { values } });
      }),
  };
}

function listTopics(
  rights: Rights,
  settings: NotificationSettings,
  chosen: ReadonlyMap<Topic, Frequency>,
): readonly TopicPreference[] {
  return TOPICS.filter((topic) => isInAudience(topic, rights)).map((topic) => {
    const choice = chosen.get(topic);
    const allowed = allowedFrequencies(topic, rights, settings);
    return {
      topic,
      frequency: frequencyOf(topic, rights, settings, choice),
      default: defaultFrequency(topic, rights, settings),
      isChosen: choice !== undefined && allowed.includes(choice),
      allowed,
    };
  });
}

function requireAllowed(
  topic: Topic,
  frequency: Frequency,
  rights: Rights,
  settings: NotificationSettings,
): void {
  if (!isInAudience(topic, rights)) {
    throw new DomainError(
      'frequency_not_allowed',
      `You are not told of ${topic}: choose among the topics of GET /me/notifications.`,
    );
  }
  const allowed = allowedFrequencies(topic, rights, settings);
  if (allowed.includes(frequency)) return;
  throw new DomainError(
    'frequency_not_allowed',
    `You cannot choose ${frequency} for ${topic}: choose ${allowed.join(' or ')}.`,
  );
}

function requirePerson({ accountOwner }: Authority): void {
  if (accountOwner === undefined) return;
  throw new DomainError('not_found', 'A service account has no notifications: it gets no mail.');
}
