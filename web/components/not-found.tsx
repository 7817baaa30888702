import { Anchor, Container, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { t } from '../messages/index.ts';
import { useTitle } from './title.tsx';

export function NotFound() {
  useTitle(t('common.notFound'));
  return (
    <Container component="main" size="xs" py={80}>
      <Stack>
        <Title order={1} size="h2">
          {t('common.notFound')}
        </Title>
        <Text>{t('common.notFoundHint')}</Text>
        <Anchor component={Link} to="/">
          {t('common.toStart')}
        </Anchor>
      </Stack>
    </Container>
  );
}
