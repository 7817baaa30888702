import { Text } from '@mantine/core';
import { Link, Navigate, Outlet, useLocation } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useMay } from '../../api/session.ts';
import { Page } from '../../components/page.tsx';
import { TextLink } from '../../components/text-link.tsx';
import { t } from '../../messages/index.ts';
import { ADMINISTRATION_PAGES } from './pages.ts';
import classes from './administration-layout.module.css';

/** Links to the pages of the administration above the one that is open. */
export function AdministrationLayout() {
  const may = useMay();
  const { pathname } = useLocation();
  const nav = useRef<HTMLElement>(null);
  // Where the links don't fit, the one of the page that is open is in view.
  useEffect(() => {
    const current = [...(nav.current?.querySelectorAll('a') ?? [])].find((link) => pathname.startsWith(link.pathname));
    if (nav.current && current) nav.current.scrollLeft = current.offsetLeft - (nav.current.clientWidth - current.offsetWidth) / 2;
  }, [pathname]);
  const pages = ADMINISTRATION_PAGES.filter(({ permission }) => may(permission));
  const here = ADMINISTRATION_PAGES.find(({ to }) => pathname === to || pathname.startsWith(`${to}/`));
  if (pages.length === 0 || (here && !may(here.permission))) return <NotYours />;
  return (
    <>
      <nav ref={nav} className={classes.nav} aria-label={t('administration.title')}>
        {pages.map(({ to, label, icon: Icon }) => (
          <Link key={to} to={to} className={classes.place}>
            <Icon size={18} stroke={1.7} aria-hidden />
            {t(label)}
          </Link>
        ))}
      </nav>
      <Outlet />
    </>
  );
}

/** The address of the administration itself. */
export function FirstPage() {
  const may = useMay();
  const first = ADMINISTRATION_PAGES.find(({ permission }) => may(permission));
  return first ? <Navigate to={first.to} replace /> : null;
}

function NotYours() {
  return (
    <Page title={t('administration.notYours')}>
      <Text maw="40rem">{t('administration.notYoursHint')}</Text>
      <TextLink to="/">{t('common.toStart')}</TextLink>
    </Page>
  );
}
