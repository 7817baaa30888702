import { Button, type ButtonProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { ComponentPropsWithRef } from 'react';

type AnchorButton = ButtonProps & Omit<ComponentPropsWithRef<'a'>, keyof ButtonProps>;

/** A link that looks like a button, with the router's types for where it leads. */
export const ButtonLink = createLink((props: AnchorButton) => <Button component="a" {...props} />);
