import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { signInAsOwner, type TestUser } from '../support/admin.ts';
import { startDns, type TestDns } from '../support/dns.ts';
import { createTestProviders } from '../support/providers.ts';
import { startRollcall, type TestOrganization, type TestRollcall } from '../support/rollcall.ts';

let clock = Date.now();
const now = () => {
  clock += 1;
  return new Date(clock);
};
let dns: TestDns;
/** Replaces the DNS client: a test can make it fail. */
let resolveTxt: (name: string) => Promise<string[][]>;
let rollcall: TestRollcall;
let organizations: readonly [TestOrganization, TestOrganization];
let owner: TestUser;
let stranger: TestUser;
let numbers = 0;

beforeAll(async () => {
  dns = await startDns();
  rollcall = await startRollcall({
    providers: createTestProviders().reader,
    resolveTxt: (name) => resolveTxt(name),
    now,
  });
  organizations = [
    await rollcall.organization({ name: 'Ours' }),
    await rollcall.organization({ name: 'Theirs' }),
  ];
});
beforeEach(async () => {
  resolveTxt = (name) => dns.resolveTxt(name);
  [owner, stranger] = await Promise.all([
    signInAsOwner(rollcall, organizations[0]),
    signInAsOwner(rollcall, organizations[1]),
  ]);
});
afterAll(async () => {
  await rollcall.close();
  await dns.close();
});

interface Shown {
  readonly domain: string;
  readonly enforced: boolean;
  readonly verifiedAt: string | null;
  readonly missingSince: string | null;
  readonly record: { readonly type: string; readonly name: string; readonly value: string };
}

const run = <Row extends object>(sql: string, values: readonly unknown[] = []) =>
  rollcall.rollcall.db.search<Row>(sql, values);
const connect = async (who: TestUser = owner) => {
  const body = { name: 'Acme', protocol: 'saml', provider: 'generic' };
  return `/sso/connections/${(await who.post('/sso/connections', body)).body.id}`;
};
const fresh = () => `acme-${++numbers}.example`;
const put = (who: TestUser, path: string, ...domains: (string | object)[]) =>
  who.put(`${path}/domains`, {
    domains: domains.map((domain) => (typeof domain === 'string' ? { domain } : domain)),
  });
const list = async (who: TestUser, path: string): Promise<Shown[]> =>
  (await who.get(`${path}/domains`)).body.data;
/** Creates the DNS record that a connection asks for. */
const publish = async (who: TestUser, path: string, domain: string) => {
  const { record } = (await list(who, path)).find((each) => each.domain === domain) as Shown;
  dns.records.set(record.name, [[record.value]]);
  return record;
};
const verify = (who: TestUser, path: string, domain: string) =>
  who.post(`${path}/domains/${encodeURIComponent(domain)}/verify`);
/** A connection with a verified domain. */
const verified = async (who: TestUser = owner) => {
  const [path, domain] = [await connect(who), fresh()];
  await put(who, path, domain);
  await publish(who, path, domain);
  expect((await verify(who, path, domain)).status).toBe(200);
  return { path, domain };
};
const events = async (path: string) =>
  (
    await run<{ action: string }>(
      'select action from events where $1::uuid in (target_id, member_id) order by id',
      [path.split('/').at(-1)],
    )
  ).map(({ action }) => action);
const codes = async (path: string) =>
  (await owner.get(path)).body.warnings.map(({ code }: { code: string }) => code);
const activate = (path: string) =>
  run(`update sso_connections set state = 'active', tested_at = now() where connection_id = $1`, [
    path.split('/').at(-1),
  ]);

describe('a domain', () => {
  test('is verified by a DNS record that a real DNS server has', async () => {
    const [path, domain] = [await connect(), fresh()];
    const { body } = await put(owner, path, `  ${domain.toUpperCase()} `);
    expect(body.data).toEqual([
      {
        domain,
        enforced: false,
        verifiedAt: null,
        checkedAt: null,
        missingSince: null,
        record: {
          type: 'TXT',
          name: `_rollcall.${domain}`,
          value: expect.stringMatching(/^rollcall-domain-verification=[A-Za-z0-9_-]{43}$/),
        },
      },
    ]);
    const [{ record }] = body.data;
    const early = await verify(owner, path, domain);
    expect([early.status, early.body.code]).toEqual([409, 'dns_record_missing']);
    expect(early.body.detail).toContain(record.name);
    expect(early.body.detail).toContain(record.value);

    dns.records.set(record.name, [['v=spf1 -all'], [record.value]]);
    const { status, body: done, headers } = await verify(owner, path, domain);
    expect(status).toBe(200);
    expect(done.data[0]).toMatchObject({ verifiedAt: expect.any(String), checkedAt: expect.any(String) });
    expect(headers['etag']).toBe('"3"');
    expect(await codes(path)).not.toContain('no_verified_domain');
    expect((await events(path)).slice(1)).toEqual(['sso_domain.added', 'sso_domain.verified']);
  });

  test('whose record comes in pieces is verified', async () => {
    const [path, domain] = [await connect(), fresh()];
    await put(owner, path, domain);
    const { name, value } = await publish(owner, path, domain);
    dns.records.set(name, [[value.slice(0, 20), value.slice(20)]]);
    expect((await verify(owner, path, domain)).status).toBe(200);
  });

  test('is not verified by anything but the exact record', async () => {
    const [path, domain] = [await connect(), fresh()];
    await put(owner, path, domain);
    const { name, value } = await publish(owner, path, domain);
    for (const other of [
      `${value} `,
      `${value}x`,
      value.slice(0, -1),
      value.toUpperCase(),
      `"${value}"`,
      '',
    ]) {
      dns.records.set(name, [[other]]);
      const { body } = await verify(owner, path, domain);
      expect([other, body.code]).toEqual([other, 'dns_record_missing']);
    }
    dns.records.set(name, [[value.slice(0, 20)], [value.slice(20)]]);
    expect((await verify(owner, path, domain)).body.code).toBe('dns_record_missing');
    // The domain itself and its parent prove nothing about the required name.
    dns.records.delete(name);
    dns.records.set(domain, [[value]]);
    dns.records.set('_rollcall.example', [[value]]);
    expect((await verify(owner, path, domain)).body.code).toBe('dns_record_missing');
  });

  test('whose DNS does not answer is not verified, and the request ends', async () => {
    const [path, domain] = [await connect(), fresh()];
    await put(owner, path, domain);
    resolveTxt = () => Promise.reject(Object.assign(new Error('x'), { code: 'ESERVFAIL' }));
    const failed = await verify(owner, path, domain);
    expect([failed.status, failed.body.code]).toEqual([409, 'dns_record_missing']);
    expect(failed.body.detail).toContain('did not answer');
    resolveTxt = () => new Promise(() => {});
    const begun = Date.now();
    expect((await verify(owner, path, domain)).status).toBe(409);
    expect(Date.now() - begun).toBeLessThan(8_000);
  });

  test('that the connection has not is not verified', async () => {
    const path = await connect();
    for (const domain of [fresh(), '__proto__', '*', '%00', '..']) {
      const { status } = await owner.post(`${path}/domains/${encodeURIComponent(domain)}/verify`);
      expect([domain, [400, 404].includes(status)]).toEqual([domain, true]);
    }
  });

  test('that is invalid, public or repeated is rejected, and nothing is changed', async () => {
    const [path, domain] = [await connect(), fresh()];
    await put(owner, path, domain);
    for (const [text, code] of [
      ['gmail.com', 'public_domain'],
      ['*.acme.example', 'invalid_domain'],
      ['192.0.2.1', 'invalid_domain'],
      ['acme', 'invalid_domain'],
      [domain.toUpperCase(), 'invalid_domain'],
    ] as const) {
      const { status, body } = await put(owner, path, domain, text);
      expect([text, status, body.code]).toEqual([text, 422, code]);
    }
    expect(await list(owner, path)).toHaveLength(1);
  });

  test('keeps its record and its proof when others come and go', async () => {
    const { path, domain } = await verified();
    const [before] = await list(owner, path);
    const other = fresh();
    await put(owner, path, domain, other);
    await put(owner, path, domain);
    expect(await list(owner, path)).toEqual([before]);
    expect(await events(path)).toContain('sso_domain.removed');
  });

  test('set concurrently by two users: the second is rejected', async () => {
    const path = await connect();
    await put(owner, path, fresh());
    const late = await put(owner, path, fresh()).set('If-Match', '"1"');
    expect([late.status, late.body.code]).toEqual([412, 'version_mismatch']);
  });
});

describe('one owner', () => {
  test('a domain that another organization has verified is accepted without naming that organization', async () => {
    const { domain } = await verified();
    const path = await connect(stranger);
    await put(stranger, path, domain);
    // Without the record nothing is revealed.
    expect((await verify(stranger, path, domain)).body.code).toBe('dns_record_missing');
    await publish(stranger, path, domain);
    const { status, body } = await verify(stranger, path, domain);
    expect([status, body.code]).toEqual([409, 'domain_taken']);
    expect(JSON.stringify(body)).not.toMatch(new RegExp(`Ours|${organizations[0].org}`));
    expect((await list(stranger, path))[0]?.verifiedAt).toBeNull();
  });

  test('a domain of another connection of the same organization is accepted, verified or not', async () => {
    const [one, other, domain] = [await connect(), await connect(), fresh()];
    await put(owner, one, domain);
    const { status, body } = await put(owner, other, domain);
    expect([status, body.code]).toEqual([409, 'domain_taken']);
    expect(await list(owner, other)).toEqual([]);
  });

  test('of two organizations that verify one domain concurrently, one gets it', async () => {
    for (let round = 0; round < 5; round += 1) {
      const domain = fresh();
      const [ours, theirs] = [await connect(owner), await connect(stranger)];
      await Promise.all([put(owner, ours, domain), put(stranger, theirs, domain)]);
      const values = [(await list(owner, ours))[0], (await list(stranger, theirs))[0]] as [Shown, Shown];
      dns.records.set(
        `_rollcall.${domain}`,
        values.map(({ record }) => [record.value]),
      );
      const answers = await Promise.all([verify(owner, ours, domain), verify(stranger, theirs, domain)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
      const [held] = await run<{ org_id: string }>('select org_id from verified_domains where domain = $1', [
        domain,
      ]);
      expect(held?.org_id).toBe(answers[0].status === 200 ? organizations[0].org : organizations[1].org);
      const [first, second] = [(await list(owner, ours))[0], (await list(stranger, theirs))[0]];
      expect([first?.verifiedAt !== null, second?.verifiedAt !== null].filter(Boolean)).toHaveLength(1);
    }
  });

  test('a domain that is removed is free, and so are those of a connection that is', async () => {
    for (const free of [(path: string) => put(owner, path), (path: string) => owner.delete(path)]) {
      const { path, domain } = await verified();
      await free(path);
      const theirs = await connect(stranger);
      await put(stranger, theirs, domain);
      await publish(stranger, theirs, domain);
      expect((await verify(stranger, theirs, domain)).status).toBe(200);
    }
  });

  test('a domain that was removed and added again needs a record anew', async () => {
    const { path, domain } = await verified();
    const [before] = await list(owner, path);
    await put(owner, path);
    await put(owner, path, domain);
    const [after] = await list(owner, path);
    expect(after?.record.value).not.toBe(before?.record.value);
    expect((await verify(owner, path, domain)).body.code).toBe('dns_record_missing');
  });

  test('a domain that is replaced while its record is looked for is not verified by the old record', async () => {
    const [path, domain] = [await connect(), fresh()];
    await put(owner, path, domain);
    await publish(owner, path, domain);
    resolveTxt = async (name) => {
      const records = await dns.resolveTxt(name);
      await put(owner, path);
      await put(owner, path, domain);
      return records;
    };
    expect((await verify(owner, path, domain)).body.code).toBe('dns_record_missing');
    expect((await list(owner, path))[0]?.verifiedAt).toBeNull();
  });
});

describe('a domain is enforced', () => {
  test('once it is verified and its connection active, and not before', async () => {
    const [path, domain] = [await connect(), fresh()];
    const enforced = { domain, enforced: true };
    expect((await put(owner, path, enforced)).body.code).toBe('domain_unverified');
    await put(owner, path, domain);
    expect((await put(owner, path, enforced)).body.code).toBe('domain_unverified');
    await publish(owner, path, domain);
    await verify(owner, path, domain);
    const draft = await put(owner, path, enforced);
    expect([draft.status, draft.body.code]).toEqual([409, 'conflict']);
    await activate(path);
    expect((await put(owner, path, enforced)).body.data[0]).toMatchObject({ domain, enforced: true });
    expect((await events(path)).at(-1)).toBe('sso_domain.updated');
    // What is in force already is no reason to reject another change.
    await owner.post(`${path}/deactivate`);
    expect((await put(owner, path, enforced, fresh())).status).toBe(200);
  });
});

describe('every week', () => {
  const day = 25 * 3_600_000;
  const pass = async (days: number) => {
    clock += days * day;
    await rollcall.rollcall.runSsoSchedule();
    owner = await signInAsOwner(rollcall, organizations[0]);
  };
  const only = async (path: string) => (await list(owner, path))[0] as Shown;

  test('the record of a verified domain is checked; if it is gone, the domain is marked and stays', async () => {
    const { path, domain } = await verified();
    const record = dns.records.get(`_rollcall.${domain}`) ?? [];
    dns.records.delete(`_rollcall.${domain}`);
    await pass(5);
    expect((await only(path)).missingSince).toBeNull();
    await pass(3);
    const missing = await only(path);
    expect(missing).toMatchObject({ verifiedAt: expect.any(String), missingSince: expect.any(String) });
    expect(await codes(path)).toContain('domain_record_missing');
    await pass(2);
    expect((await only(path)).missingSince).toBe(missing.missingSince);
    expect((await events(path)).filter((action) => action === 'sso_domain.updated')).toHaveLength(1);

    dns.records.set(`_rollcall.${domain}`, record);
    await pass(2);
    expect((await only(path)).missingSince).toBeNull();
    expect(await codes(path)).not.toContain('domain_record_missing');
    await owner.delete(path);
  });

  test('DNS that does not answer is no reason to warn', async () => {
    const { path } = await verified();
    resolveTxt = () => Promise.reject(Object.assign(new Error('x'), { code: 'ETIMEOUT' }));
    await pass(8);
    expect((await only(path)).missingSince).toBeNull();
    await owner.delete(path);
  });
});
