import { Link, useLocation } from '@tanstack/react-router';
import { t } from '../messages/index.ts';
import { useMainPages } from './navigation.ts';
import classes from './shell.module.css';

/** Links to the main pages: at the left, or at the bottom where the screen is narrow. */
export function MainNav() {
  const pages = useMainPages();
  const { pathname } = useLocation();
  return (
    <nav className={classes.nav} aria-label={t('shell.navigation')}>
      {pages.map(({ to, label, icon: Icon, also }) => (
        <Link
          key={to}
          to={to}
          className={classes.link}
          activeOptions={{ exact: to === '/' }}
          aria-current={also !== undefined && pathname.startsWith(also) ? 'page' : undefined}
        >
          <Icon size={22} stroke={1.7} aria-hidden />
          {t(label)}
        </Link>
      ))}
    </nav>
  );
}
