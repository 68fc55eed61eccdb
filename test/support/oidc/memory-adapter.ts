import type { Adapter, AdapterPayload, ClientMetadata } from 'oidc-provider';

/**
 * Where `oidc-provider` keeps what it makes: in memory, one store per provider.
 * @param findClient clients come from elsewhere and may be added while the provider runs
 */
export function createMemoryAdapter(
  findClient: (id: string) => ClientMetadata | undefined,
): (model: string) => Adapter {
  const store = new Map<string, AdapterPayload>();
  const search = async (model: string, name: 'uid' | 'userCode', value: string) =>
    [...store].find(([key, payload]) => key.startsWith(`${model}:`) && payload[name] === value)?.[1];

  return (model) => ({
    upsert: async (id, payload) => {
      store.set(`${model}:${id}`, payload);
    },
    find: async (id) => (model === 'Client' ? findClient(id) : store.get(`${model}:${id}`)),
    findByUid: (uid) => search(model, 'uid', uid),
    findByUserCode: (code) => search(model, 'userCode', code),
    consume: async (id) => {
      const payload = store.get(`${model}:${id}`);
      if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1_000);
    },
    destroy: async (id) => {
      store.delete(`${model}:${id}`);
    },
    revokeByGrantId: async (grantId) => {
      for (const [key, payload] of store) if (payload.grantId === grantId) store.delete(key);
    },
  });
}
