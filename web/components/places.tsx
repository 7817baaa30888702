import { Menu } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconDots } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { t } from '../messages/index.ts';
import { usePlaces } from './navigation.ts';
import classes from './shell.module.css';

/** So many fit side by side on a phone. */
const MOST_AT_THE_BOTTOM = 5;

/** Links to the main pages: at the left, or at the bottom where the screen is narrow. */
export function Places() {
  const places = usePlaces();
  const atTheLeft = useMediaQuery('(min-width: 62em)', undefined, { getInitialValueInEffect: false });
  const all = atTheLeft || places.length <= MOST_AT_THE_BOTTOM;
  const shown = all ? places : places.slice(0, MOST_AT_THE_BOTTOM - 1);
  const rest = places.slice(shown.length);
  return (
    <nav className={classes.places} aria-label={t('shell.navigation')}>
      {shown.map(({ to, label, icon: Icon }) => (
        <Link key={to} to={to} className={classes.place} activeOptions={{ exact: to === '/' }}>
          <Icon size={22} stroke={1.7} aria-hidden />
          {t(label)}
        </Link>
      ))}
      {rest.length > 0 && (
        <Menu position="top-end" width={240} withinPortal={false}>
          <Menu.Target>
            <button type="button" className={classes.place}>
              <IconDots size={22} stroke={1.7} aria-hidden />
              {t('shell.more')}
            </button>
          </Menu.Target>
          <Menu.Dropdown>
            {rest.map(({ to, label, icon: Icon }) => (
              <Menu.Item key={to} component={Link} to={to} leftSection={<Icon size={18} aria-hidden />}>
                {t(label)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </nav>
  );
}
