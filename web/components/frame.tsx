import { Text } from '@mantine/core';
import { Link, Outlet } from '@tanstack/react-router';
import { useMay, useMe } from '../api/session.ts';
import { t } from '../messages/index.ts';
import { Mark } from './brand.tsx';
import { deferred } from './deferred.tsx';
import { MainNav } from './main-nav.tsx';
import { PatientSearch } from './patient-search.tsx';
import { Person } from './person.tsx';
import { Printed } from './printed.tsx';
import classes from './shell.module.css';

/** Not needed for the first paint. */
const Notifications = deferred(() => import('@mantine/notifications').then(({ Notifications }) => Notifications));

/** What surrounds every page of who is signed in: header, the main pages, and the page itself. */
export function Frame() {
  const { clinic } = useMe();
  const may = useMay();
  return (
    <div className={classes.shell}>
      <a className={classes.skip} href="#main">
        {t('shell.skip')}
      </a>
      <header className={classes.header}>
        <Link to="/" className={classes.brand} aria-label={t('shell.home')}>
          <Mark />
          <span className={classes.name}>Assent</span>
        </Link>
        <div className={classes.search}>{may('patient.read') && <PatientSearch />}</div>
        <Text component="span" className={classes.clinic} c="dimmed">
          {clinic.name}
        </Text>
        <Person />
      </header>
      <MainNav />
      <main className={classes.main} id="main" tabIndex={-1}>
        <Outlet />
      </main>
      <Printed />
      <Notifications position="bottom-right" />
    </div>
  );
}
