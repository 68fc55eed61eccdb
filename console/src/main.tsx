import '@fontsource-variable/inter/opsz.css';
import '@fontsource-variable/jetbrains-mono/index.css';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './theme/global.css';
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { queryClient } from './api/query-client.ts';
import { applyPreferences } from './app/preferences.ts';
import { reloadWhenUpgraded } from './app/reload-when-upgraded.ts';
import { router } from './app/router.tsx';
import { measureToasts } from './app/toasts.ts';
import { MOST_SHOWN } from './components/toast.tsx';
import { cssVariablesResolver, theme } from './theme/theme.ts';

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
// Where the packages that write style elements look for the nonce.
Object.assign(globalThis, { __webpack_nonce__: nonce });
applyPreferences();
reloadWhenUpgraded();

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      defaultColorScheme="auto"
      colorSchemeManager={localStorageColorSchemeManager({ key: 'color-scheme' })}
      getStyleNonce={() => nonce}
    >
      <QueryClientProvider client={queryClient}>
        <Notifications
          ref={measureToasts}
          position="bottom-left"
          layout="stacked"
          limit={MOST_SHOWN}
          withAutoCloseProgress
        />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
