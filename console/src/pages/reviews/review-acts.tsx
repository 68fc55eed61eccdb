import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconChevronDown, IconDots, IconFileText } from '@tabler/icons-react';
import { NO_PERMISSION, useMe } from '../../api/me.ts';
import type { Review } from '../../api/schema.d.ts';
import { ActionButton } from '../../components/action-button.tsx';
import { useNarrow } from '../../components/use-narrow.ts';
import { ReviewProgress } from './review-progress.tsx';

interface Props {
  readonly review: Review;
  readonly onAsk: (dialog: 'bundle' | 'close' | 'reviewers') => void;
}

/** How far a review is, its report, and its end; on a phone its acts are in one menu. */
export function ReviewActs(props: Props) {
  const lock = useCloseLock(props.review);
  if (useNarrow()) return <ActsMenu {...props} lock={lock} />;
  const { review, onAsk } = props;
  return (
    <>
      <ReviewProgress review={review} dated />
      <Menu>
        <Menu.Target>
          <Button
            leftSection={<IconFileText size={16} stroke={1.5} aria-hidden />}
            rightSection={<IconChevronDown size={14} stroke={1.5} aria-hidden />}
          >
            Report
          </Button>
        </Menu.Target>
        <Menu.Dropdown maw={300}>
          <ReportItems {...props} />
        </Menu.Dropdown>
      </Menu>
      <ActionButton lockedBecause={lock} onClick={() => onAsk('close')}>
        Close review
      </ActionButton>
    </>
  );
}

/** Why the review cannot be closed. */
function useCloseLock({ state }: Review): string | undefined {
  const me = useMe();
  if (state === 'closed') return 'The review is closed.';
  if (state === 'opening') return 'Its items are still being collected.';
  return me.may('reviews:decide') ? undefined : NO_PERMISSION;
}

function ActsMenu({ lock, ...props }: Props & { readonly lock: string | undefined }) {
  const me = useMe();
  const { onAsk } = props;
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon aria-label="Report, reviewers and end" variant="default">
          <IconDots size={16} stroke={1.5} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown maw={300}>
        <ReportItems {...props} />
        <Menu.Divider />
        <Menu.Item disabled={!me.may('reviews:decide')} onClick={() => onAsk('reviewers')}>
          Reviewers…
        </Menu.Item>
        <Menu.Item disabled={lock !== undefined} onClick={() => onAsk('close')}>
          Close review…
        </Menu.Item>
        {lock !== undefined && <Menu.Label>{lock}</Menu.Label>}
      </Menu.Dropdown>
    </Menu>
  );
}

function ReportItems({ review, onAsk }: Props) {
  const me = useMe();
  return (
    <>
      <Menu.Item component="a" href={`/api/v1/reviews/${review.id}/report.csv`}>
        Download the report as CSV
      </Menu.Item>
      <Menu.Item disabled={!me.may('audit:export')} onClick={() => onAsk('bundle')}>
        Evidence for auditors…
      </Menu.Item>
      {!me.may('audit:export') && <Menu.Label>{NO_PERMISSION}</Menu.Label>}
    </>
  );
}
