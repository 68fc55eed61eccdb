import { Button, Checkbox, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { User } from '../../api/schema.d.ts';
import { ActCard } from '../../components/act-card.tsx';
import { ActionButton } from '../../components/action-button.tsx';
import { ActivityChart } from '../../components/activity-chart.tsx';
import { Card } from '../../components/card.tsx';
import { Code } from '../../components/code.tsx';
import { CopyValues, Secret } from '../../components/copy.tsx';
import { Difference } from '../../components/difference.tsx';
import { Empty } from '../../components/empty.tsx';
import { ExportMenu } from '../../components/export-menu.tsx';
import { Figures } from '../../components/figures.tsx';
import { Logo } from '../../components/logo.tsx';
import { Mark } from '../../components/mark.tsx';
import { Note } from '../../components/note.tsx';
import { Page } from '../../components/page.tsx';
import { Person } from '../../components/person.tsx';
import { ROLES, RoleMeter, RoleOf } from '../../components/role.tsx';
import { RoleReport } from '../../components/role-report.tsx';
import { SecretDialog } from '../../components/secret-dialog.tsx';
import { SmallTable } from '../../components/small-table.tsx';
import { SourceTag } from '../../components/source-tag.tsx';
import { Status, USER_STATUSES } from '../../components/status.tsx';
import { Step, Steps } from '../../components/steps.tsx';
import { Tag } from '../../components/tag.tsx';
import { duration, exactTime, Time } from '../../components/time.tsx';
import { TimeChip } from '../../components/time-chip.tsx';
import { Timeline } from '../../components/timeline.tsx';
import { toast } from '../../components/toast.tsx';
import { TwoLines } from '../../components/two-lines.tsx';
import styles from './components-page.module.css';

const SAMPLE_DAYS = Array.from({ length: 21 }, (_, day) => ({
  start: `2026-11-${String(day + 1).padStart(2, '0')}`,
  queries: day === 16 ? 190 : day % 7 === 0 || day % 7 === 6 ? 8 : 50 + ((day * 17) % 30),
  averageResponseMs: 1_400,
  usual: day < 3 ? null : day % 7 === 0 || day % 7 === 6 ? { low: 4, high: 14 } : { low: 48, high: 80 },
}));

const SAMPLE_LOGO = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40"><circle cx="20" cy="20" r="16" fill="#0b6470"/><path d="M46 20h62" stroke="#1c1b18" stroke-width="8"/></svg>',
)}`;

const elevated = (role: User['role'], to: User['role'] | undefined, owner = false) => ({
  role,
  owner,
  effectiveRole: to ?? role,
  elevation:
    to === undefined
      ? null
      : { id: '', role: to, expiresAt: new Date(Date.now() + 3 * 3_600_000).toISOString() },
});

const CODE = JSON.stringify(
  { Operations: [{ op: 'replace', path: 'roles', value: 'Manager', password: '[masked]' }] },
  undefined,
  2,
);

/** Every component of ours in all its states: where their look is checked. */
export function ComponentsPage() {
  const now = new Date().toISOString();
  const [secret, setSecret] = useState(false);
  return (
    <Page title="Components">
      <div className={styles.grid}>
        <Section title="Whose rights would change">
          <Note tone="warning">
            <p>1 administrator would lose their role. Nothing was saved.</p>
            <RoleReport
              people={[
                {
                  user: { id: 'jane', name: 'Jane Doe', email: 'jane@acme.example' },
                  before: 'admin',
                  after: 'configure',
                  because: 'The groups that the provider sent last mean the role configure; it is admin now.',
                },
              ]}
            />
          </Note>
        </Section>
        <Section title="Buttons">
          <div className="row wrap">
            <Button variant="filled">
              Invite people <kbd>I</kbd>
            </Button>
            <Button>Import</Button>
            <Button variant="subtle">Export</Button>
            <ActionButton danger="outline">Deactivate</ActionButton>
            <ActionButton danger="fill">Deactivate Olena</ActionButton>
            <ActionButton lockedBecause="The role is set by Okta. Change it there.">Change role</ActionButton>
            <Button loading>Import</Button>
            <Button size="xs">Small</Button>
          </div>
        </Section>
        <Section title="Status, always shape and word">
          <div className="row wrap">
            {Object.values(USER_STATUSES).map(([shape, word]) => (
              <Status key={word} shape={shape}>
                {word}
              </Status>
            ))}
            <Status shape="diamond">Degraded</Status>
            <Status shape="square">Error</Status>
          </div>
          <div className="row wrap">
            <Tag>default</Tag>
            <Tag tone="success">204</Tag>
            <Tag tone="accent">Draft</Tag>
            <Tag tone="warning">admin until 17:30</Tag>
            <Tag tone="danger">Locked, 5 failed</Tag>
          </div>
        </Section>
        <Section title="A cell with a second line">
          <TwoLines below={<Time at={now} />}>
            <b>Nightly export</b>
          </TwoLines>
        </Section>
        <Section title="Roles and sources">
          <div className="row wrap">
            {ROLES.map((role) => (
              <span key={role} className="row">
                <RoleMeter role={role} />
                {role}
              </span>
            ))}
          </div>
          <div className="row wrap">
            <RoleOf user={elevated('admin', undefined, true)} tier />
            <RoleOf user={elevated('train', 'admin')} />
          </div>
          <div className="row wrap">
            {(['scim', 'sso', 'import', 'invitation', 'admin', 'bootstrap'] as const).map((source) => (
              <SourceTag
                key={source}
                source={source}
                connection={source === 'scim' ? 'Okta' : source === 'sso' ? 'Entra ID' : undefined}
              />
            ))}
          </div>
        </Section>
        <Section title="Mark and logo">
          <div className="row wrap">
            <Mark />
            <Logo src={SAMPLE_LOGO} alt="Beside the name" />
            <Logo src={SAMPLE_LOGO} alt="In the settings" large />
          </div>
        </Section>
        <Section title="People">
          <Person name="Nguyễn Thị Minh Khai" email="khai.nguyen@halden.example" />
          <Person name="ليلى حداد" email="layla.haddad@halden.example" />
          <Person name={null} email="someone@halden.example" />
          <Person name={null} email={null} />
        </Section>
        <Section title="Fields">
          <TextInput label="Name" defaultValue="Ngozi Eze" />
          <TextInput label="Email" defaultValue="bob.halden" error="Invalid email format" />
          <div className="row">
            <Checkbox label="Checked" defaultChecked />
            <Checkbox label="Mixed" indeterminate readOnly />
            <Checkbox label="Empty" />
          </div>
        </Section>
        <Section title="Notes">
          <Note>The connection is a draft: it affects no one until you activate it.</Note>
          <Note tone="success">The test sign-in worked.</Note>
          <Note tone="warning">After this 20.3 % of people are configure or admin.</Note>
          <Note tone="danger">
            <b>Locked after 5 failed attempts.</b> It stays locked until an administrator unlocks it.
          </Note>
        </Section>
        <Section title="Empty">
          <Empty title="No webhooks yet" act={<Button variant="filled">Add a webhook</Button>}>
            Rollcall can call your systems when a role changes or a person leaves.
          </Empty>
        </Section>
        <Section title="Acts with keys">
          <ActCard keyName="K" title="Keep" detail="Stays admin" chosen onClick={() => {}} />
          <ActCard keyName="C" title="Change role…" detail="Takes effect immediately" onClick={() => {}} />
          <ActCard keyName="D" title="Deactivate…" detail="Ends 1 session" danger onClick={() => {}} />
          <ActCard
            keyName="K"
            title="Keep"
            detail=""
            lockedBecause="You cannot decide about your own access."
            onClick={() => {}}
          />
        </Section>
        <Section title="Cards">
          <Card title="Set by Okta" beside={<Tag>SCIM</Tag>}>
            <p className="muted">Change the name in Okta. Role and grants are set here.</p>
          </Card>
        </Section>
        <Section title="Timeline and time">
          <Timeline
            entries={[
              {
                id: '1',
                at: now,
                sentence: 'Locked after 5 failed attempts',
                outcome: 'failure',
                kind: 'audit',
              },
              { id: '2', at: now, sentence: 'Asked the Support Agent', outcome: 'success', kind: 'activity' },
              { id: '3', at: now, sentence: 'Joined QA', outcome: 'success', kind: 'audit' },
            ]}
          />
          <p className="muted small">
            {exactTime(now)} · {duration(10_680_000)}
          </p>
        </Section>
        <Section title="Values, secrets, code">
          <CopyValues
            label="Values for Okta"
            values={[
              { label: 'SCIM connector base URL', value: 'https://id.halden.example/scim/v2' },
              { label: 'Authentication Mode', value: 'HTTP Header' },
            ]}
          />
          <Secret value="rollcall_scim_5Qm8vX2nT7bLk0RzHc4YwJ9d" what="token" />
          <Code label="Request" text={CODE} isGuilty={(line) => line.includes('Manager')} />
          <div className="row">
            <Button onClick={() => setSecret(true)}>Show a secret once</Button>
          </div>
          {secret && (
            <SecretDialog
              title="A token for Okta"
              what="token"
              value="rollcall_scim_5Qm8vX2nT7bLk0RzHc4YwJ9d"
              onClose={() => setSecret(false)}
            >
              <p>Okta calls it API Token. It works until 27 Nov 2027.</p>
            </SecretDialog>
          )}
        </Section>
        <Section title="Steps and cards">
          <Card title="Self-test" beside="86 of 86" acts={<Button size="xs">Run again</Button>}>
            <Steps>
              <Step
                number={1}
                state="done"
                title="Copy the address into Okta"
                where="Provisioning › Integration"
              />
              <Step number={2} state="current" title="Copy the token now" />
              <Step number={3} state="next" title="Assign one test person first" />
            </Steps>
          </Card>
        </Section>
        <Section title="A table of few rows">
          <SmallTable caption="Tokens" headers={['Token', 'Ends', '']}>
            <tr>
              <td>…2345</td>
              <td>Never</td>
              <td>
                <Button size="xs">Rotate…</Button>
              </td>
            </tr>
          </SmallTable>
        </Section>
        <Section title="Differences and figures">
          <Difference before="train" after="configure" />
          <Figures
            label="What differs"
            facts={[
              { label: 'joined', value: '+96' },
              { label: 'left', value: '−41' },
              { label: 'gained a role', value: '12' },
            ]}
          />
        </Section>
        <Section title="Chart on its usual range">
          <ActivityChart unit="day" buckets={SAMPLE_DAYS} />
        </Section>
        <Section title="Filters with a form, and exports">
          <div className="row wrap">
            <TimeChip from={undefined} to={undefined} onChange={() => {}} />
            <TimeChip from={now} to={undefined} onChange={() => {}} />
            <ExportMenu path="/audit/export" query={{}} formats={[['csv', 'CSV']]} />
            <ExportMenu
              path="/audit/export"
              query={{}}
              formats={[['csv', 'CSV']]}
              lockedBecause="You don't have permission to access this"
            />
          </div>
        </Section>
        <Section title="Message with undo">
          <Button
            onClick={() => toast('Mateo was removed from Finance pilot.', () => toast('Mateo is back.'))}
          >
            Show one
          </Button>
        </Section>
      </div>
    </Page>
  );
}

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className={styles.section}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}
