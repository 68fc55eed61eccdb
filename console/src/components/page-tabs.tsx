import { Tabs } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';
import { usePageSearch } from '../app/use-search.ts';
import styles from './page-tabs.module.css';

export interface PageTab {
  readonly value: string;
  readonly label: string;
  /** A figure or a mark behind the label. */
  readonly beside?: ReactNode;
  readonly panel: () => ReactNode;
}

/** The tab that the address names, or the first. */
export function useTab(tabs: readonly { readonly value: string }[]): string {
  const [search] = usePageSearch();
  return (tabs.find(({ value }) => value === search['tab']) ?? tabs[0])?.value ?? '';
}

/** Brings the open tab into sight in a list of tabs that is wider than the screen. @param tab the open one */
export function useTabInSight(tab: string) {
  const list = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another tab is what moves it
  useEffect(() => {
    list.current
      ?.querySelector('[data-active]')
      ?.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' });
  }, [tab]);
  return list;
}

/** The tabs of a page; which one is open stands in the address, without what belongs to the one before. */
export function PageTabs({
  label,
  tabs,
  leaves = [],
}: {
  readonly label: string;
  readonly tabs: readonly PageTab[];
  /** Keys of the address that another tab has no use for. */
  readonly leaves?: readonly string[];
}) {
  const [, setSearch] = usePageSearch();
  const tab = useTab(tabs);
  const list = useTabInSight(tab);
  const open = (value: string | null) =>
    setSearch(
      {
        ...Object.fromEntries(leaves.map((key) => [key, undefined])),
        tab: value === tabs[0]?.value ? undefined : (value ?? undefined),
      },
      { replace: false },
    );
  return (
    <Tabs
      value={tab}
      onChange={open}
      keepMounted={false}
      classNames={{ root: styles.root ?? '', panel: styles.panel ?? '' }}
    >
      <Tabs.List aria-label={label} ref={list}>
        {tabs.map(({ value, label: written, beside }) => (
          <Tabs.Tab key={value} value={value} rightSection={beside}>
            {written}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {tabs.map(({ value, panel }) => (
        <Tabs.Panel key={value} value={value}>
          {value === tab && panel()}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
