import { Button, FileButton } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { useMe } from '../../api/me.ts';
import { Failure } from '../../components/failure.tsx';
import { Logo } from '../../components/logo.tsx';
import { Section } from '../../components/section.tsx';
import { toast } from '../../components/toast.tsx';

const ACCEPTED = 'image/png,image/jpeg,image/webp';

/** A chosen image that is not saved yet. */
interface Chosen {
  readonly file: Blob;
  readonly src: string;
}

/** The logo of the organization: chosen, looked at, saved; removed again. */
export function LogoSection() {
  const { logo } = useMe().organization;
  const [chosen, setChosen] = useState<Chosen>();
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: (file: Blob | undefined) =>
      file === undefined
        ? dataOf(api.DELETE('/organization/logo'))
        : dataOf(
            api.PUT('/organization/logo', {
              body: file as never,
              bodySerializer: (body: unknown) => body as never,
              headers: { 'Content-Type': 'application/octet-stream' },
            }),
          ),
    onSuccess: () => setChosen(undefined),
    onSettled: () =>
      Promise.all([['me'], ['audit']].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
  const change = async (file: Blob | undefined, said: string) => {
    const before = logo === null ? undefined : await (await fetch(logo)).blob();
    save.mutate(file, { onSuccess: () => toast(said, () => save.mutate(before)) });
  };
  const choose = async (file: File | null) => {
    if (file === null) return;
    save.reset();
    setChosen({ file, src: await readAsAddress(file) });
  };
  return (
    <Section
      title="Logo"
      about="Shown beside the name here and on the pages that people open without an account. PNG, JPEG or WebP, up to 256 KiB and 2,048 × 2,048 pixels."
    >
      {save.error !== null && <Failure error={save.error} />}
      <div className="row wrap">
        {chosen === undefined ? (
          logo === null ? (
            <span className="muted">There is no logo.</span>
          ) : (
            <Logo src={logo} alt="The current logo" large />
          )
        ) : (
          <Logo src={chosen.src} alt="The chosen logo, not saved yet" large />
        )}
      </div>
      <div className="row wrap" style={{ marginTop: 12 }}>
        {chosen === undefined ? (
          <>
            <FileButton key={logo} accept={ACCEPTED} onChange={(file) => void choose(file)}>
              {(props) => <Button {...props}>Choose an image</Button>}
            </FileButton>
            {logo !== null && (
              <Button
                variant="subtle"
                loading={save.isPending}
                onClick={() => void change(undefined, 'The logo was removed.')}
              >
                Remove the logo
              </Button>
            )}
          </>
        ) : (
          <>
            <Button
              variant="filled"
              loading={save.isPending}
              onClick={() => void change(chosen.file, 'The logo was saved.')}
            >
              Save the logo
            </Button>
            <Button
              onClick={() => {
                save.reset();
                setChosen(undefined);
              }}
            >
              Discard it
            </Button>
          </>
        )}
      </div>
    </Section>
  );
}

/** An address of the file itself: the page may show no other. */
const readAsAddress = (file: Blob): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
