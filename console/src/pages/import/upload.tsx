import { Button, FileButton } from '@mantine/core';
import { IconFileImport } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type DragEvent, useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { Failure } from '../../components/failure.tsx';
import { Status } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { counted } from '../../components/words.ts';
import styles from './import-page.module.css';

export function Upload({ onUploaded }: { readonly onUploaded: (id: string) => void }) {
  const [over, setOver] = useState(false);
  const upload = useMutation({
    mutationFn: (file: File) => {
      const form = new FormData();
      form.append('file', file);
      return dataOf(api.POST('/imports', { body: form as never }));
    },
    onSuccess: ({ id }) => onUploaded(id),
  });
  const recent = useQuery({
    queryKey: ['imports', 'recent'],
    queryFn: () => dataOf(api.GET('/imports', { params: { query: { limit: 5 } } })),
  });
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const [file] = event.dataTransfer.files;
    if (file !== undefined) upload.mutate(file);
  };
  return (
    <div className="stack" style={{ maxWidth: 720, gap: 20 }}>
      {upload.error !== null && <Failure error={upload.error} />}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping a file is a second way to use the button inside */}
      <div
        className={styles.drop}
        data-over={over || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <IconFileImport size={24} stroke={1.5} aria-hidden />
        <p>Drop a CSV file here, or choose one. Nothing changes until you have seen the preview.</p>
        <FileButton accept=".csv,text/csv" onChange={(file) => file !== null && upload.mutate(file)}>
          {(props) => (
            <Button {...props} variant="filled" loading={upload.isPending}>
              Choose a file
            </Button>
          )}
        </FileButton>
      </div>
      <p className="muted">
        The first line names the columns: <code>email</code>, <code>name</code>, <code>role</code>,{' '}
        <code>groups</code> (separate several with semicolons). A file has at most 1,000 rows.{' '}
        <a href="/api/v1/imports/template.csv">Download the template</a>
      </p>
      {recent.data !== undefined && recent.data.data.length > 0 && (
        <section>
          <h2 style={{ marginBottom: 6 }}>Earlier imports</h2>
          <ul>
            {recent.data.data.map(({ id, fileName, state, counts, createdAt }) => (
              <li key={id} className={styles.earlier}>
                <Link to="/users/import" search={{ id } as never} className="grow ellipsis">
                  <bdi>{fileName}</bdi>
                </Link>
                <span className="muted">
                  {counted(counts.add + counts.update, 'person', 'people')},{' '}
                  {counted(counts.error, 'error', 'errors')}
                </span>
                <Status shape={state === 'done' ? 'disc' : state === 'running' ? 'diamond' : 'ring'}>
                  {{ done: 'Done', running: 'Running', preview: 'Preview' }[state]}
                </Status>
                <span className="muted">
                  <Time at={createdAt} />
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
