import { Stepper } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { usePageSearch } from '../../app/use-search.ts';
import { Failure } from '../../components/failure.tsx';
import { Page } from '../../components/page.tsx';
import styles from './import-page.module.css';
import { Preview } from './preview.tsx';
import { Upload } from './upload.tsx';

const UndoView = lazy(async () => ({
  default: (await import('../provisioning/undo/undo-view.tsx')).UndoView,
}));

const importQuery = (id: string) => ({
  queryKey: ['imports', id],
  queryFn: () => dataOf(api.GET('/imports/{id}', { params: { path: { id } } })),
});

/** People from a file: upload, preview with errors first, import. The address names the import, so a reload loses nothing. */
export function ImportPage() {
  const [search, setSearch] = usePageSearch();
  const { id, undo } = search;
  const { data, error, refetch } = useQuery({
    ...importQuery(id ?? ''),
    enabled: id !== undefined,
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? 1_000 : false),
  });
  const step = id === undefined || data === undefined ? 0 : data.state === 'preview' ? 1 : 2;
  return (
    <Page
      title="Import people"
      fill={step > 0}
      beside={
        <Link to="/users" className="small">
          Back to Users
        </Link>
      }
      acts={
        <Stepper active={step} size="xs" iconSize={20} className={styles.steps ?? ''}>
          <Stepper.Step label="Upload" />
          <Stepper.Step label="Preview" />
          <Stepper.Step label="Confirm" />
        </Stepper>
      }
    >
      {error !== null && <Failure error={error} retry={() => void refetch()} />}
      {id === undefined && <Upload onUploaded={(made) => setSearch({ id: made })} />}
      {data !== undefined && undo !== undefined && (
        <div className={styles.undo}>
          <Suspense fallback={null}>
            <UndoView undoId={undo} />
          </Suspense>
        </div>
      )}
      {data !== undefined && undo === undefined && (
        <Preview key={data.id} found={data} onAnother={() => setSearch({ id: undefined })} />
      )}
    </Page>
  );
}
