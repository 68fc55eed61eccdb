import { Select, TagsInput, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, api, dataOf, sentenceOf } from '../../../api/client.ts';
import { Dialog } from '../../../components/dialog.tsx';
import { ROLES, type RoleName, TIERS } from '../../../components/role.tsx';
import { toast } from '../../../components/toast.tsx';
import { GroupPicker } from '../group-picker.tsx';
import styles from './acts.module.css';

interface Outcome {
  readonly email: string;
  readonly problem: string | undefined;
}

const AT_ONCE = 4;

const WRITTEN_WITH_A_NAME = /<([^<>\s]+@[^<>\s]+)>/;

/**
 * The addresses of a text: separated by commas, semicolons, spaces or lines. Mail programs copy them with names, as
 * `"Doe, Jane" <jane@halden.example>`.
 */
function addressesIn(text: string): readonly string[] {
  const plain = text
    .replaceAll(/"[^"\n]*"(?=\s*<)/g, '')
    .split(/[,;\n\t]+/)
    .flatMap((part) => WRITTEN_WITH_A_NAME.exec(part)?.[1] ?? part.split(/\s+/));
  return plain.map((part) => part.replace(/^mailto:/i, '')).filter((part) => part !== '');
}

/** Invites one person, or everybody whose address is pasted. */
export function InviteDialog({ onClose }: { readonly onClose: () => void }) {
  const queries = useQueryClient();
  const [emails, setEmails] = useState<string[]>([]);
  const [typing, setTyping] = useState('');
  const [name, setName] = useState('');
  const [role, setRole] = useState<RoleName>('readonly');
  const [groups, setGroups] = useState<readonly string[]>([]);
  const [jobFunction, setJobFunction] = useState<string>();
  const { data: jobFunctions } = useQuery({
    queryKey: ['job-functions'],
    queryFn: () => dataOf(api.GET('/job-functions')),
  });
  const [reason, setReason] = useState('');
  const [outcomes, setOutcomes] = useState<readonly Outcome[]>([]);
  const addresses = [...new Set([...emails, typing].flatMap(addressesIn))];

  const invite = useMutation({
    mutationFn: async () => {
      const waiting = [...addresses];
      const done: Outcome[] = [];
      const one = async () => {
        for (let email = waiting.shift(); email !== undefined; email = waiting.shift()) {
          try {
            await dataOf(
              api.POST('/invitations', {
                body: {
                  email,
                  role,
                  groups: [...groups],
                  ...(jobFunction === undefined ? {} : { jobFunction }),
                  ...(addresses.length === 1 && name.trim() !== '' ? { name: name.trim() } : {}),
                  ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
                },
              }),
            );
            done.push({ email, problem: undefined });
          } catch (error) {
            done.push({
              email,
              problem: (error instanceof ApiError && error.about('email')) || sentenceOf(error),
            });
          }
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, one));
      return done;
    },
    onSuccess: async (done) => {
      await queries.invalidateQueries({ queryKey: ['users'] });
      const sent = done.filter(({ problem }) => problem === undefined);
      const refused = done.filter(({ problem }) => problem !== undefined);
      if (sent.length > 0)
        toast(sent.length === 1 ? `${sent[0]?.email} was invited.` : `${sent.length} people were invited.`);
      if (refused.length === 0) onClose();
      // What was refused stays, to be mended; what was sent is not sent again.
      setEmails(refused.map(({ email }) => email));
      setTyping('');
      setOutcomes(refused);
    },
  });
  const only =
    addresses.length === 1 ? outcomes.find(({ email }) => email === addresses[0])?.problem : undefined;
  return (
    <Dialog
      title="Invite users"
      consequence="Each person gets an email with a link to set up their account. The link expires in 7 days."
      act={addresses.length > 1 ? `Send ${addresses.length} invitations` : 'Send invitation'}
      acting={invite.isPending}
      disabled={addresses.length === 0}
      onClose={onClose}
      onAct={() => invite.mutate()}
    >
      <div
        onPasteCapture={(event) => {
          const text = event.clipboardData.getData('text');
          const pasted = addressesIn(text);
          if (pasted.length < 2 && !WRITTEN_WITH_A_NAME.test(text)) return;
          event.preventDefault();
          event.stopPropagation();
          setEmails((given) => [...new Set([...given, ...pasted])]);
        }}
      >
        <TagsInput
          label="Email"
          description="Separate several with commas, spaces or new lines."
          required
          data-autofocus
          value={emails}
          onChange={(values) => setEmails(values.flatMap(addressesIn))}
          searchValue={typing}
          onSearchChange={setTyping}
          splitChars={[',', ' ', ';', '\n', '\t']}
          acceptValueOnBlur
          error={only}
          aria-required
        />
      </div>
      {addresses.length <= 1 && (
        <TextInput
          label="Name"
          value={name}
          maxLength={200}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      )}
      {jobFunctions !== undefined && jobFunctions.data.length > 0 && (
        <Select
          label="Job function"
          description="Sets the role and groups."
          data={jobFunctions.data.map(({ id, name: label }) => ({ value: id, label }))}
          value={jobFunction ?? null}
          clearable
          onChange={(value) => {
            const chosen = jobFunctions.data.find(({ id }) => id === value);
            setJobFunction(chosen?.id);
            if (chosen !== undefined) setRole(chosen.role);
          }}
        />
      )}
      <Select
        label="Role"
        data={ROLES.map((value) => ({ value, label: `${value} (${TIERS[value]})` }))}
        value={role}
        allowDeselect={false}
        onChange={(value) => setRole(value as RoleName)}
      />
      <GroupPicker label="Groups" changes value={groups} onChange={setGroups} />
      {groups.length === 0 && jobFunction === undefined && (
        <p className="small warning">
          Without a group they have only what their role gives. Add them to a group from day one.
        </p>
      )}
      {(role === 'configure' || role === 'admin') && (
        <TextInput
          label="Reason"
          description="Why they need broad access from the start. Recorded in the audit trail."
          value={reason}
          maxLength={2_000}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      )}
      {outcomes.length > 0 && only === undefined && (
        <section role="alert">
          <h3>Not invited</h3>
          <ul className={styles.results}>
            {outcomes.map(({ email, problem }) => (
              <li key={email}>
                <span className="grow ellipsis">{email}</span>
                <span className="danger">{problem}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </Dialog>
  );
}
