import { createFormContext } from '@mantine/form';

/** A text that is being written, for the fields below it: they name their values by their paths, risks.0.figures.1.label. */
export const [TextFormProvider, useTextForm] = createFormContext<object>();
