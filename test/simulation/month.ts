import { randomUUID } from 'node:crypto';
import { reporterOf } from '../activity/report.ts';
import { joins } from '../support/admin.ts';
import { bodyOf, inParallel, signInFrom, tick, type World } from './world.ts';

/** What the simulation knows that it did. Times are ISO 8601. */
export interface Truth {
  /** What some people were at some moments. */
  readonly known: readonly Known[];
  readonly changes: readonly { readonly user: string; readonly by: string; readonly words: RegExp }[];
  readonly breakIn: {
    readonly user: string;
    readonly email: string;
    readonly ip: string;
    readonly sprayed: number;
  };
  readonly mistake: {
    readonly from: string;
    readonly to: string;
    readonly people: readonly string[];
    /** Active again by an administrator, before the undo. */
    readonly corrected: readonly string[];
  };
  readonly review: string;
  readonly decided: { readonly user: string; readonly from: string; readonly to: string };
  readonly began: string;
  readonly people: number;
}

export interface Known {
  readonly user: string;
  readonly at: string;
  readonly status: string;
  readonly role: string;
  readonly effectiveRole: string;
  readonly groups: readonly string[];
}

interface Person {
  readonly id: string;
  status: string;
  role: string;
  effectiveRole: string;
  readonly groups: Set<string>;
}

const OFFICE = '198.51.100.7';
const STRANGER = '203.0.113.66';
const DEPARTMENTS = ['Engineering', 'Sales', 'Support', 'Finance'];

/** Plays a month in an organization of some people: 60 % of Okta, 35 % of Entra ID, the others imported and invited. */
export async function playMonth(
  world: World,
  people: number,
  say: (line: string) => void = () => undefined,
): Promise<Truth> {
  const { okta, entra, rollcall } = world;
  const [ofOkta, ofEntra] = [Math.floor(people * 0.6), Math.floor(people * 0.35)];
  const known: Known[] = [];
  const changes: { user: string; by: string; words: RegExp }[] = [];
  const at = () => world.now().toISOString();
  const note = async (...some: readonly Person[]) => {
    await tick();
    for (const { id, status, role, effectiveRole, groups } of some) {
      known.push({ user: id, at: at(), status, role, effectiveRole, groups: [...groups].sort() });
    }
    await tick();
  };
  await tick();
  const began = at();
  await tick();
  let owner = await world.owner();

  // Day 0: six people are invited, then both identity providers push everybody.
  const ada = await joins(rollcall, owner, { role: 'admin', name: 'Ada Admin' });
  const grace = await joins(rollcall, owner, { role: 'configure', name: 'Grace Gray' });
  const others = [];
  for (let n = 0; n < 4; n += 1)
    others.push(await joins(rollcall, owner, { role: 'train', name: `Guest ${n}` }));
  const persons: Person[] = [];
  await inParallel(Array.from({ length: ofOkta }), 6, async (_, n) => {
    const names = {
      'test.user@okta.local': `okta${n}@contoso.example`,
      '00ujl29u0le5T6Aj10h7': `00u${n}`,
      Test: `Okta${n}`,
    };
    const { body } = await okta.send('POST', '/Users', bodyOf('okta/05-create-user', names));
    persons[n] = {
      id: body.id,
      status: 'active',
      role: 'readonly',
      effectiveRole: 'readonly',
      groups: new Set(),
    };
  });
  await inParallel(Array.from({ length: ofEntra }), 6, async (_, n) => {
    const names = { 'jyoung@contoso.example': `entra${n}@contoso.example`, jyoung: `entra${n}` };
    await entra.send('POST', '/Users', bodyOf('entra/09-create-user', names));
  });
  const groups: string[] = [];
  for (const [n, name] of DEPARTMENTS.entries()) {
    const members = persons.filter((_, place) => place % DEPARTMENTS.length === n);
    const { body } = await okta.send('POST', '/Groups', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
      displayName: name,
      members: members.map(({ id }) => ({ value: id })),
    });
    groups.push(body.id);
    for (const member of members) member.groups.add(body.id);
  }
  const [jane, john, mary] = persons as [Person, Person, Person];
  await note(jane, john, mary);

  say('Day 0: both identity providers have pushed everybody.');

  // Day 1: an import; administrators change roles and groups.
  world.moveTo(1, 1);
  owner = await world.owner();
  const rows = Array.from(
    { length: Math.max(1, people - ofOkta - ofEntra) },
    (_, n) => `contractor${n}@partner.example,Contractor ${n},readonly,`,
  );
  const imported = await owner
    .post('/imports?onDuplicate=skip')
    .set('Content-Type', 'text/csv')
    .send(['email,name,role,groups', ...rows].join('\n') as never);
  if (imported.status !== 201) throw new Error(imported.text);
  await owner.post(`/imports/${imported.body.id}/confirm`).expect(202);
  const { body: impact } = await owner.get(`/users/${jane.id}/role-impact?role=train`).expect(200);
  const given = await owner.put(`/users/${jane.id}/role`, {
    role: 'train',
    impactToken: impact.impactToken,
  });
  if (given.status !== 200) throw new Error(given.text);
  [jane.role, jane.effectiveRole] = ['train', 'train'];
  changes.push({ user: jane.id, by: owner.id, words: /from readonly to train/ });
  const carried = await owner.patch(`/groups/${groups[1]}`, { role: 'train' });
  if (carried.status !== 200) throw new Error(carried.text);
  john.effectiveRole = 'train';
  await world.work();
  await note(jane, john, mary);

  say('Day 1: an import, and changes of administrators.');

  // Days 2 to 18: people work and sign in from the office.
  const app = await reporterOf(rollcall, owner);
  for (let day = 2; day <= 18; day += 1) {
    world.moveTo(day, 2);
    await signInFrom(world, grace.email, OFFICE).expect(200);
    const events = Array.from({ length: 100 }, (_, n) => ({
      id: randomUUID(),
      type: 'query',
      at: new Date(world.now().getTime() - n * 1_000).toISOString(),
      userId: persons[n % persons.length]?.id,
      agent: 'Support Agent',
      responseMs: 900,
    }));
    await app.post('/activity/events', { events }).expect(202);
    if (day === 6) {
      owner = await world.owner();
      const body = { role: 'admin', durationMinutes: 60, justification: 'On call for this week.' };
      await owner.post(`/users/${mary.id}/elevations`, body).expect(201);
      mary.effectiveRole = 'admin';
      await note(mary);
      changes.push({ user: mary.id, by: owner.id, words: /admin/ });
    }
    if (day === 7) {
      mary.effectiveRole = 'readonly';
      await note(mary);
    }
    await world.work();
  }

  say('Days 2 to 18: people have worked.');

  // Day 20: a break-in. Passwords are tried on many, one fits; a key and an export follow.
  world.moveTo(20, 3);
  const targets = [ada, grace, ...others];
  for (let round = 0; round < 2; round += 1) {
    for (const { email } of targets) await signInFrom(world, email, STRANGER, { password: 'Summer2026!' });
  }
  const session = await signInFrom(world, grace.email, STRANGER, { browser: 'Chrome/120.0' }).expect(200);
  const [cookie = ''] = (session.headers as unknown as { 'set-cookie': string[] })['set-cookie'];
  await fetch(`${rollcall.base.replace('/scim/v2', '')}/api/v1/me/api-keys`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'X-Forwarded-For': STRANGER,
      'X-CSRF-Token': session.body.csrfToken,
      Cookie: cookie.split(';')[0] as string,
    },
    body: JSON.stringify({ name: 'backup', scopes: ['users:read'] }),
  });
  await world.work();
  await note(jane, john);

  say('Day 20: the break-in.');

  // Day 22: a wrong filter in Okta deactivates a third of its people; an administrator corrects two by hand.
  world.moveTo(22, 4);
  await note(jane, john, mary);
  const hit = persons.slice(0, Math.floor(ofOkta / 3));
  await tick();
  const from = at();
  await inParallel(hit, 6, async (person) => {
    await okta.send('PATCH', `/Users/${person.id}`, bodyOf('okta/27-deactivate-user', {}));
    person.status = 'inactive';
  });
  const to = at();
  await world.work();
  await note(jane, john);
  world.moveTo(22, 5);
  owner = await world.owner();
  say(`Day 22: ${hit.length} people were deactivated by mistake.`);
  const corrected = hit.slice(-2);
  for (const person of corrected) {
    await owner.post(`/users/${person.id}/activate?force=true`).expect(200);
    person.status = 'active';
  }
  await note(...corrected);
  await world.work();
  return {
    known,
    changes,
    breakIn: { user: grace.id, email: grace.email, ip: STRANGER, sprayed: targets.length },
    mistake: { from, to, people: hit.map(({ id }) => id), corrected: corrected.map(({ id }) => id) },
    ...(await review(world)),
    began,
    people,
  };
}

/** Day 22 still: privileged access is reviewed, and one of the guests loses a role. */
async function review(world: World): Promise<Pick<Truth, 'review' | 'decided'>> {
  const owner = await world.owner();
  const guest = await joins(world.rollcall, owner, { role: 'configure', name: 'Over Privileged' });
  const started = await owner
    .post('/reviews', { title: 'Privileged access', scope: { privileged: true } })
    .expect(202);
  await world.rollcall.rollcall.tendReviews();
  const { body } = await owner.get(`/reviews/${started.body.id}/items?limit=200`).expect(200);
  const item = body.data.find(({ subject }: { subject: { id: string } }) => subject.id === guest.id);
  const decision = { decision: 'change_role', role: 'readonly', note: 'Needs no configure.' };
  await owner.put(`/reviews/${started.body.id}/items/${item.id}`, decision).expect(200);
  await owner.post(`/reviews/${started.body.id}/close`).expect(200);
  return { review: started.body.id, decided: { user: guest.id, from: 'configure', to: 'readonly' } };
}
