import { createRootRoute, createRoute } from '@tanstack/react-router';
import { Failure } from '../components/failure.tsx';
import { NotFound } from '../components/not-found.tsx';
import { Shell } from '../components/shell.tsx';

export const rootRoute = createRootRoute({ notFoundComponent: NotFound, errorComponent: Failure });

/** Parent of each page for people who are signed in. It asks them to sign in where they stand. */
export const shellRoute = createRoute({ getParentRoute: () => rootRoute, id: 'shell', component: Shell });
