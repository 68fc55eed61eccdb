import { Button, Menu } from '@mantine/core';
import { IconChevronDown, IconFileText } from '@tabler/icons-react';
import { NO_PERMISSION, useMe } from '../../api/me.ts';
import type { Review } from '../../api/schema.d.ts';
import { ActionButton } from '../../components/action-button.tsx';
import { Time } from '../../components/time.tsx';
import { ReviewProgress } from './review-progress.tsx';

/** How far a review is, its report, and its end. */
export function ReviewActs({
  review,
  onAsk,
}: {
  readonly review: Review;
  readonly onAsk: (dialog: 'bundle' | 'close') => void;
}) {
  const me = useMe();
  const isAdministrator = me.may('reviews:decide');
  return (
    <>
      <ReviewProgress
        review={review}
        beside={
          review.state === 'closed' ? (
            <>
              closed <Time at={review.closedAt} form="date" />
            </>
          ) : (
            <span className={new Date(review.dueAt) < new Date() ? 'danger' : undefined}>
              due <Time at={review.dueAt} form="date" />
            </span>
          )
        }
      />
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
          <Menu.Item component="a" href={`/api/v1/reviews/${review.id}/report.csv`}>
            Download the report as CSV
          </Menu.Item>
          <Menu.Item disabled={!me.may('audit:export')} onClick={() => onAsk('bundle')}>
            Evidence for auditors…
          </Menu.Item>
          {!me.may('audit:export') && <Menu.Label>{NO_PERMISSION}</Menu.Label>}
        </Menu.Dropdown>
      </Menu>
      <ActionButton
        lockedBecause={
          review.state === 'closed'
            ? 'The review is closed.'
            : review.state === 'opening'
              ? 'Its items are still being collected.'
              : isAdministrator
                ? undefined
                : NO_PERMISSION
        }
        onClick={() => onAsk('close')}
      >
        Close review
      </ActionButton>
    </>
  );
}
