import type { Client, Origin } from '../../directory/actor.ts';
import type { ConnectionId, UserId } from '../../directory/ids.ts';
import { uuidv7 } from '../../platform/ids.ts';
import { createFailureRecord } from '../../sign-in/failures.ts';
import { startSession } from '../../sign-in/sessions.ts';
import { findCandidate, insertAttempt, recordSignIn } from '../../sign-in/store/passwords.ts';
import { beginProviderSession } from '../../sso/login/provider-session.ts';
import { insertIdentity, recordIdentityUse } from '../../sso/store/identities.ts';
import { insertTrace } from '../../sso/store/traces.ts';
import type { World } from './world.ts';

export interface SignIns {
  /** Someone comes through the provider, as after a verified message. */
  withProvider(user: UserId, email: string, client: Client): Promise<void>;
  /** Whether someone has come through the provider before. */
  hasBeenSeen(user: UserId): boolean;
  /** Someone gives their password, and it is right. */
  withPassword(user: UserId, client: Client): Promise<void>;
  /** Someone gives a wrong password. */
  fail(user: UserId, client: Client): Promise<void>;
  /** A message of the provider is refused. */
  refuse(detail: string): Promise<void>;
}

/** Builds what writes sign-ins as they are written once a password or a message has been checked. */
export function createSignIns({ past, clock, org, db }: World, provider: ConnectionId): SignIns {
  const known = new Set<string>();
  const recordFailure = createFailureRecord(past.runner);
  const originOf = (user: UserId, client: Client): Origin => ({
    actor: { type: 'user', id: user, via: 'sign_in' },
    requestId: uuidv7(clock.now().getTime()),
    client,
  });

  return {
    withProvider: async (user, email, client) => {
      clock.pass(5);
      await past.runner.withOrganization(org, originOf(user, client), async (context) => {
        const { tx, at, newId } = context;
        if (known.has(user)) {
          await recordIdentityUse(tx, org, provider, { known: email, subject: email }, at);
        } else {
          await insertIdentity(
            tx,
            org,
            { connection: provider, subject: email, user, linkedBy: 'external_id' },
            at,
          );
          known.add(user);
        }
        const attempt = { id: newId(), user, outcome: 'signed_in', method: 'saml', ...client } as const;
        await insertAttempt(tx, org, attempt, at);
        const identity = { subject: email, sessionIndex: newId(), expiresAt: undefined, logoutHint: '{}' };
        await beginProviderSession(
          context,
          { id: provider, protocol: 'saml' },
          identity as never,
          user,
          client,
          past,
        );
        await insertTrace(
          tx,
          org,
          {
            id: newId(),
            connection: provider,
            purpose: 'sign_in',
            outcome: 'signed_in',
            reason: undefined,
            detail: undefined,
            user,
            seen: { nameId: email },
            isVerified: true,
          },
          at,
        );
      });
    },

    hasBeenSeen: (user) => known.has(user),

    withPassword: (user, client) => {
      clock.pass(5);
      return past.runner.withoutLock(org, originOf(user, client), async (context) => {
        const { tx, at, newId } = context;
        await recordSignIn(tx, org, user, at);
        const attempt = { id: newId(), user, outcome: 'signed_in', method: 'password', ...client } as const;
        await insertAttempt(tx, org, attempt, at);
        await startSession(context, user, 'password', client);
      });
    },

    fail: async (user, client) => {
      clock.pass(8);
      const candidate = await findCandidate(db, org, user);
      if (candidate === undefined) return;
      const origin: Origin = {
        actor: { type: 'anonymous', id: 'anonymous', via: 'sign_in' },
        requestId: uuidv7(clock.now().getTime()),
        client,
      };
      await recordFailure(candidate, 'wrong_password', origin, client, 'sign_in');
    },

    refuse: async (detail) => {
      clock.pass(60);
      const id = uuidv7(clock.now().getTime());
      await insertTrace(
        db,
        org,
        {
          id,
          connection: provider,
          purpose: 'sign_in',
          outcome: 'refused',
          reason: 'too_late',
          detail,
          user: undefined,
          seen: {},
          isVerified: false,
        },
        clock.now().toISOString(),
      );
    },
  };
}
