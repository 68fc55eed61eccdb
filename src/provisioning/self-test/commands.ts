import type { CommandRunner } from '../../directory/command-runner.ts';
import type { ConnectionId, OrgId } from '../../directory/ids.ts';
import type { Authority } from '../../directory/roles/authority.ts';
import { requireWholeOrganization } from '../../directory/roles/rules/guards.ts';
import { countOf } from '../../platform/counts.ts';
import { uuidv7 } from '../../platform/ids.ts';
import { type ScimConnectionQueries, settingsOf } from '../queries.ts';
import type { ProvisioningSettings } from '../settings.ts';
import { converse, type SelfTestProvider, type Send, type StepResult } from './conversation.ts';
import { checksOf, type ServerCheck } from './rules/checks.ts';

/** What a self-test found. */
export interface SelfTestReport {
  readonly provider: SelfTestProvider;
  /** Whether no step and no check failed. */
  readonly passed: boolean;
  readonly sentence: string;
  readonly ms: number;
  readonly checks: readonly ServerCheck[];
  readonly steps: readonly StepResult[];
}

/** Whose requests are answered, as a valid token would say it. */
interface Rehearsed {
  readonly org: OrgId;
  readonly connection: ConnectionId;
  readonly strict: boolean;
  readonly settings: ProvisioningSettings;
  readonly requestId: string;
}

/** Has requests of a connection answered in one transaction, which is rolled back when `work` ends (ADR 0046). */
export type Rehearse = <Result>(by: Rehearsed, work: (send: Send) => Promise<Result>) => Promise<Result>;

/** @throws DomainError `forbidden`, `not_found` */
export type SelfTest = (
  by: Authority,
  connection: ConnectionId,
  provider: SelfTestProvider | undefined,
) => Promise<SelfTestReport>;

export interface SelfTestDependencies {
  readonly runner: CommandRunner;
  readonly now: () => Date;
  readonly publicUrl: string;
  readonly connections: Pick<ScimConnectionQueries, 'get' | 'health'>;
  readonly rehearse: Rehearse;
  /** Requests a second that are accepted; 0 for no limit. */
  readonly limits: { readonly perConnection: number; readonly perOrganization: number };
}

/**
 * Builds the self-test of a connection: it sends itself what a provider sends for one person and one group, and checks the
 * server's side. It changes nothing, sends nothing and is not in the provisioning log; one event says that it ran. Needs
 * `scim:manage`.
 */
export function createSelfTest({
  runner,
  now,
  publicUrl,
  connections,
  rehearse,
  limits,
}: SelfTestDependencies): SelfTest {
  const run = async (
    by: Authority,
    id: ConnectionId,
    wanted: SelfTestProvider | undefined,
  ): Promise<SelfTestReport> => {
    const row = await connections.get(by, id);
    const provider = wanted ?? providerIn(row.name);
    const { tokensEndAt, throttled } = await connections.health(by, id);
    const started = performance.now();
    const requestId = by.origin.requestId;
    const steps = await rehearse(
      { org: by.org, connection: id, strict: row.strict, settings: settingsOf(row), requestId },
      (send) => converse(provider, uuidv7(now().getTime()).slice(-12), send),
    );
    const ms = Math.round(performance.now() - started);
    const checks = checksOf(
      {
        publicUrl,
        tokens: row.tokens,
        tokensEndAt,
        perConnection: limits.perConnection,
        perOrganization: limits.perOrganization,
        throttled,
        isDryRun: row.dryRunSince !== null,
      },
      now(),
    );
    return { provider, ...verdictOf(steps, checks), ms, checks, steps };
  };

  return async (by, id, wanted) => {
    const report = await run(by, id, wanted);
    return runner.runAs(by, async ({ recordEvent }, actor) => {
      requireWholeOrganization(actor, 'scim:manage');
      recordEvent({
        action: 'connection.self_tested',
        target: ['connection', id],
        changes: { values: { passed: [null, report.passed] } },
      });
      return report;
    });
  };
}

function verdictOf(
  steps: readonly StepResult[],
  checks: readonly ServerCheck[],
): Pick<SelfTestReport, 'passed' | 'sentence'> {
  const failed = steps.filter(({ outcome }) => outcome === 'failed').length;
  const skipped = steps.filter(({ outcome }) => outcome === 'skipped').length;
  const wrong = checks.filter(({ state }) => state === 'failed').length;
  const warnings = checks.filter(({ state }) => state === 'warning').length;
  const said = [
    failed === 0
      ? `All ${steps.length} requests were answered as the provider needs it`
      : `${failed} of ${steps.length} requests failed${skipped === 0 ? '' : `, and ${skipped} could not be tried`}`,
    ...(wrong === 0 ? [] : [`${countOf(wrong, 'check')} of the server’s side failed`]),
    ...(warnings === 0 ? [] : [countOf(warnings, 'warning')]),
  ];
  return { passed: failed + wrong === 0, sentence: `${said.join('; ')}. Nothing was changed.` };
}

/** The provider whose requests are sent where none is named. */
const providerIn = (name: string): SelfTestProvider =>
  /\b(entra|azure|microsoft)\b/i.test(name) ? 'entra' : 'okta';
