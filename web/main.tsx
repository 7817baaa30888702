import '@mantine/core/styles.layer.css';
import '@mantine/notifications/styles.layer.css';
import './styles.css';
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { returnToPlace } from './api/return.ts';
import { queryClient } from './api/session.ts';
import { StepUp } from './components/step-up.tsx';
import { styleNonce } from './nonce.ts';
import { router } from './routes.ts';
import { addThemeVariables } from './theme-variables.ts';
import { theme } from './theme.ts';

returnToPlace();
addThemeVariables();

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root.');

createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      getStyleNonce={() => styleNonce}
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
        <StepUp />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
