import { Checkbox, Radio, Select, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, api, dataOf } from '../../api/client.ts';
import { useMe } from '../../api/me.ts';
import type { ReviewItem, ReviewItemsBulkRequest } from '../../api/schema.d.ts';
import { Dialog } from '../../components/dialog.tsx';
import { nameOf } from '../../components/person.tsx';
import { ROLES, type RoleName, TIERS } from '../../components/role.tsx';
import { toast } from '../../components/toast.tsx';
import { counted } from '../../components/words.ts';
import styles from './reviews.module.css';
import type { Choice, useDecisions } from './use-reviews.ts';
import { endWord } from './words.tsx';

/** Asks for what a decision needs: a role or a group, a note, or that one is sure of what ends. */
export function DecideDialog({
  item,
  act,
  decisions,
  onClose,
  onDecided,
}: {
  readonly item: ReviewItem;
  readonly act: 'keep' | 'change' | 'end' | 'note';
  readonly decisions: ReturnType<typeof useDecisions>;
  readonly onClose: () => void;
  readonly onDecided: (choice: Choice) => void;
}) {
  const me = useMe();
  const name = nameOf(item.subject);
  const suggested = item.suggestion;
  const [note, setNote] = useState(item.note ?? '');
  const [target, setTarget] = useState(
    suggested.decision === 'remove_group' && suggested.group !== null ? suggested.group : 'role',
  );
  const [role, setRole] = useState<RoleName | null>(suggested.role);
  const [force, setForce] = useState(false);
  const { decide } = decisions;
  const written = note.trim() === '' ? {} : { note: note.trim() };
  const choice: Choice | undefined =
    act === 'keep' || act === 'note'
      ? { decision: 'keep', ...written }
      : act === 'end'
        ? { decision: 'deactivate', ...written }
        : target !== 'role'
          ? { decision: 'remove_group', groupId: target, ...written }
          : role === null
            ? undefined
            : { decision: 'change_role', role, ...written };
  const needsNote = choice?.decision === 'keep' && item.risk === 'high';
  const groups = item.groups.filter(({ sources }) => sources.every((source) => source !== 'scim'));
  const about = (path: string) => (decide.error instanceof ApiError ? decide.error.about(path) : undefined);
  const words = {
    keep: { title: `Keep the access of ${name}`, act: `Keep ${name}`, consequence: 'Nothing changes.' },
    note: {
      title: `Keep the access of ${name}, with a note`,
      act: `Keep ${name}`,
      consequence: 'Nothing changes. The note is included in the report and in the evidence.',
    },
    change: {
      title: `Change the access of ${name}`,
      act:
        target === 'role'
          ? `Change the role of ${name}`
          : `Remove ${name} from ${item.groups.find(({ id }) => id === target)?.name ?? 'the group'}`,
      consequence: 'It takes effect immediately; it can be undone until the review is closed.',
    },
    end: {
      title: `${endWord(item)} ${name}?`,
      act: `${endWord(item)} ${name}`,
      consequence:
        item.subject.type === 'api_key'
          ? 'The key stops working for good. This cannot be undone.'
          : item.subject.type === 'user'
            ? 'They can no longer sign in; their sessions and keys end. Nothing is deleted, and it can be undone until the review is closed.'
            : 'Its keys stop working at once. It can be undone until the review is closed.',
    },
  }[act];
  return (
    <Dialog
      title={words.title}
      consequence={words.consequence}
      act={words.act}
      danger={act === 'end'}
      acting={decide.isPending}
      disabled={choice === undefined || (needsNote && note.trim() === '')}
      error={about('note') === undefined ? decide.error : undefined}
      onClose={onClose}
      onAct={() =>
        choice !== undefined &&
        decide.mutate({ itemId: item.id, choice, force }, { onSuccess: () => onDecided(choice) })
      }
    >
      {act === 'change' && (
        <Radio.Group label="What changes" value={target} onChange={setTarget}>
          <div className={styles.options} style={{ marginTop: 6 }}>
            <Radio value="role" label="The role" size="xs" />
            {item.subject.type === 'user' &&
              groups.map(({ id, name: group, role: carried }) => (
                <Radio
                  key={id}
                  value={id}
                  size="xs"
                  label={`Leave ${group}${carried === null ? '' : `, which carries ${carried}`}`}
                />
              ))}
          </div>
        </Radio.Group>
      )}
      {act === 'change' && groups.length < item.groups.length && (
        <p className="muted small">The members of a directory’s groups are changed in the directory.</p>
      )}
      {act === 'change' && target === 'role' && (
        <Select
          label="New role"
          data-autofocus
          data={ROLES.filter((each) => each !== item.role).map((each) => ({
            value: each,
            label: `${each} (${TIERS[each]})`,
          }))}
          value={role}
          error={about('role')}
          onChange={(value) => setRole(value as RoleName | null)}
        />
      )}
      {item.managed && act !== 'keep' && act !== 'note' && me.user.owner && (
        <Checkbox
          label="Do it here even though the directory manages this user"
          checked={force}
          onChange={(event) => setForce(event.currentTarget.checked)}
        />
      )}
      <Textarea
        label="Note"
        description={
          needsNote
            ? 'Keeping access of a high risk needs the reason.'
            : 'Included in the report and in the audit trail.'
        }
        value={note}
        maxLength={2_000}
        data-autofocus={act === 'keep' || act === 'note' ? true : undefined}
        error={about('note')}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
    </Dialog>
  );
}

/** What several items have in common, or which they are. */
export type BulkTarget = Pick<ReviewItemsBulkRequest, 'items' | 'select'>;

/** Decides the same about several; what is refused is named afterwards. */
export function BulkDecideDialog({
  reviewId,
  decision,
  target,
  count,
  names,
  onClose,
  onDone,
}: {
  readonly reviewId: string;
  readonly decision: 'keep' | 'suggested';
  readonly target: BulkTarget;
  /** How many, in words. */
  readonly count: string;
  readonly names: ReadonlyMap<string, string>;
  readonly onClose: () => void;
  readonly onDone: () => void;
}) {
  const [note, setNote] = useState('');
  const run = useMutation({
    mutationFn: async () => {
      const results = [];
      let after: string | undefined;
      do {
        const select = target.select && { ...target.select, ...(after === undefined ? {} : { after }) };
        const answer = await dataOf(
          api.POST('/reviews/{id}/items/bulk', {
            params: { path: { id: reviewId } },
            body: {
              decision,
              ...(select === undefined ? { items: target.items ?? [] } : { select }),
              ...(note.trim() === '' ? {} : { note: note.trim() }),
            },
          }),
        );
        results.push(...answer.results);
        after = answer.next ?? undefined;
      } while (after !== undefined);
      return results;
    },
    onSuccess: (results) => {
      if (results.some(({ ok }) => !ok)) return;
      toast(`${counted(results.length, 'item was', 'items were')} decided.`);
      onDone();
    },
  });
  const refused = run.data?.filter(({ ok }) => !ok) ?? [];
  const finished = run.data !== undefined;
  const act = decision === 'keep' ? `Keep ${count}` : `Decide ${count} as suggested`;
  return (
    <Dialog
      title={finished ? `${run.data.length - refused.length} of ${run.data.length} are decided` : `${act}?`}
      consequence={
        finished
          ? 'These were left undecided, each with its reason.'
          : decision === 'keep'
            ? 'Nothing changes for them. Each is recorded as kept by you, and can be decided otherwise until the review is closed.'
            : 'Each suggestion takes effect immediately: roles change, memberships end, accounts are deactivated. Each can be undone until the review is closed.'
      }
      act={finished ? 'Close' : act}
      acting={run.isPending}
      error={run.error}
      onClose={finished ? onDone : onClose}
      onAct={() => (finished ? onDone() : run.mutate())}
    >
      {!finished && (
        <Textarea
          label="Note"
          description="Recorded with each of them."
          value={note}
          maxLength={2_000}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
      )}
      {refused.length > 0 && (
        <ul className={styles.results}>
          {refused.map(({ id, message }) => (
            <li key={id}>
              <b className="grow ellipsis" dir="auto">
                {names.get(id) ?? 'An item'}
              </b>
              <span className="muted">{message}</span>
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}
