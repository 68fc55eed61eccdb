import type { OrgId, UserId } from '../../directory/ids.ts';
import type { Executor, Statement } from '../../platform/db/statement.ts';

const totp: Statement = {
  name: 'totp-write',
  text: `insert into user_totp (org_id, user_id, sealed_secret, recovery_hashes) values ($1, $2, $3, '{}')
    on conflict (org_id, user_id) do update set sealed_secret = excluded.sealed_secret
    where user_totp.confirmed_at is null returning user_id`,
};

/** Keeps a secret that waits for its first code. @returns false if there is a confirmed one */
export async function writeTotpSecret(
  tx: Executor,
  org: OrgId,
  user: UserId,
  sealed: string,
): Promise<boolean> {
  return (await tx.query(totp, [org, user, sealed])).length > 0;
}

const pendingTotp: Statement = {
  name: 'totp-pending',
  text: `select sealed_secret as "sealedSecret" from user_totp where org_id = $1 and user_id = $2 and confirmed_at is null`,
};

export async function findPendingTotp(tx: Executor, org: OrgId, user: UserId): Promise<string | undefined> {
  return (await tx.query<{ sealedSecret: string }>(pendingTotp, [org, user]))[0]?.sealedSecret;
}

const confirm: Statement = {
  name: 'totp-confirm',
  text: `update user_totp set confirmed_at = $3, last_step = $4, recovery_hashes = $5 where org_id = $1 and user_id = $2`,
};

export async function confirmTotp(
  tx: Executor,
  org: OrgId,
  user: UserId,
  step: number,
  recoveryHashes: readonly Buffer[],
  at: string,
): Promise<void> {
  await tx.query(confirm, [org, user, at, step, recoveryHashes]);
}

const useStep: Statement = {
  name: 'totp-use-step',
  text: 'update user_totp set last_step = $3 where org_id = $1 and user_id = $2 and last_step < $3 returning user_id',
};

/** A code is valid once: only a later time step than the last used one is accepted. @returns false if it was used */
export async function useTotpStep(tx: Executor, org: OrgId, user: UserId, step: number): Promise<boolean> {
  return (await tx.query(useStep, [org, user, step])).length > 0;
}

const useRecovery: Statement = {
  name: 'totp-use-recovery',
  text: `update user_totp set recovery_hashes = array_remove(recovery_hashes, $3)
    where org_id = $1 and user_id = $2 and $3 = any (recovery_hashes) returning user_id`,
};

/** @returns false if there is no such recovery code, or it was used */
export async function useRecoveryCode(
  tx: Executor,
  org: OrgId,
  user: UserId,
  hash: Buffer,
): Promise<boolean> {
  return (await tx.query(useRecovery, [org, user, hash])).length > 0;
}

const dropTotp: Statement = {
  name: 'totp-delete',
  text: 'delete from user_totp where org_id = $1 and user_id = $2 and confirmed_at is not null returning user_id',
};

export async function deleteTotp(tx: Executor, org: OrgId, user: UserId): Promise<boolean> {
  return (await tx.query(dropTotp, [org, user])).length > 0;
}
