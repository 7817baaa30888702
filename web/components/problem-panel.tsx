import { Alert, List, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { Problem } from '../api/problem.ts';
import { fieldName, withFieldNames } from '../field-name.ts';
import { t } from '../messages/index.ts';

interface Props {
  readonly problem: Problem | undefined;
  /** Fields, by their names in the API, of a form that says by each what is wrong with it. */
  readonly atFields?: readonly string[] | undefined;
}

/** What the server refused, and what to do about it. Nothing where there is no problem. */
export function ProblemPanel({ problem, atFields }: Props) {
  if (!problem) return null;
  const errors = problem.errors.filter(({ field }) => !atFields?.includes(field));
  const atFieldsOnly = problem.errors.length > 0 && errors.length === 0;
  return (
    <Alert
      color="red"
      variant="light"
      icon={<IconAlertTriangle aria-hidden />}
      title={atFieldsOnly ? t('common.atFields') : problem.message}
      role="alert"
    >
      {problem.remedy && <Text size="sm">{problem.remedy}</Text>}
      {!atFieldsOnly && problem.errors.length > errors.length && <Text size="sm">{t('common.atFields')}</Text>}
      {errors.length > 0 && (
        <List size="sm">
          {errors.map(({ field, message }) => (
            <List.Item key={`${field} ${message}`}>
              {t('common.fieldErrorOf', { field: fieldName(field), message: withFieldNames(message) })}
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
