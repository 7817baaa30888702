import { Avatar, UnstyledButton } from '@mantine/core';
import { IconUser } from '@tabler/icons-react';
import { type ComponentProps, useState } from 'react';
import { useMe } from '../api/session.ts';
import { t } from '../messages/index.ts';
import { deferred } from './deferred.tsx';
import classes from './shell.module.css';

const load = () => import('./person-menu.tsx').then(({ PersonMenu }) => PersonMenu);
const PersonMenu = deferred(load, () => <ClosedMenu />);
/** What fails now is tried again by the tap. */
const preload = () => void load().catch(() => undefined);

/** Who is signed in, in the header. What opens a menu weighs more than a page: it is loaded for the first one who wants it. */
export function Person() {
  const [wanted, setWanted] = useState(false);
  return wanted ? <PersonMenu /> : <ClosedMenu onClick={() => setWanted(true)} />;
}

function ClosedMenu({ onClick }: { readonly onClick?: () => void }) {
  return <PersonButton aria-haspopup="menu" aria-expanded={false} onPointerEnter={preload} onFocus={preload} onClick={onClick} />;
}

/** The menu gives it more, a class too. */
export function PersonButton({ className = '', ...props }: ComponentProps<'button'>) {
  const me = useMe();
  return (
    <UnstyledButton className={`${classes.person} ${className}`} aria-label={t('shell.person', { name: me.name })} {...props}>
      <Avatar component="span" color="pine" variant="filled" radius="xl" size={36} aria-hidden>
        <IconUser size={20} />
      </Avatar>
      <span className={classes.name}>{me.name}</span>
    </UnstyledButton>
  );
}
