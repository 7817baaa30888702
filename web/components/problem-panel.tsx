import { Alert, List, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { Problem } from '../api/problem.ts';
import { t } from '../messages/index.ts';

/** What the server refused, and what to do about it. Nothing where there is no problem. */
export function ProblemPanel({ problem }: { readonly problem: Problem | undefined }) {
  if (!problem) return null;
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle aria-hidden />} title={problem.message} role="alert">
      {problem.remedy && <Text size="sm">{problem.remedy}</Text>}
      {problem.errors.length > 0 && (
        <List size="sm">
          {problem.errors.map(({ field, message }) => (
            <List.Item key={`${field} ${message}`}>
              {field}: {message}
            </List.Item>
          ))}
        </List>
      )}
      {problem.blockers.length > 0 && (
        <List size="sm">
          {problem.blockers.map(({ code, message, remedy }) => (
            <List.Item key={code}>
              {message} {remedy}
            </List.Item>
          ))}
        </List>
      )}
      {problem.status >= 500 && problem.requestId && (
        <Text size="xs" mt="xs">
          {t('common.requestId', { id: problem.requestId })}
        </Text>
      )}
    </Alert>
  );
}
