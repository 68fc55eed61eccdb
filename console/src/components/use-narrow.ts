import { useMediaQuery } from '@mantine/hooks';

/** Whether the screen is a phone's, where what stands beside each other elsewhere stands below each other. */
export const useNarrow = (): boolean =>
  useMediaQuery('(max-width: 700px)', false, { getInitialValueInEffect: false });
