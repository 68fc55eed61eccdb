import { meQuery } from '../api/me.ts';
import { queryClient } from '../api/query-client.ts';

/** Ends the session here and, where a provider keeps one, there: the form of the public pages does both. */
export function signOut(): void {
  const token = queryClient.getQueryData(meQuery.queryKey)?.csrfToken ?? '';
  const form = document.createElement('form');
  form.method = 'post';
  form.action = '/sso/sign-out';
  const field = document.createElement('input');
  field.type = 'hidden';
  field.name = 'csrf';
  field.value = token;
  form.append(field);
  document.body.append(form);
  form.submit();
}
