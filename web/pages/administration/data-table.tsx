/* oxlint-disable jsx-a11y/no-redundant-roles, jsx-a11y/no-interactive-element-to-noninteractive-role -- On a phone rows are cards, by another display, which takes these roles away. */
import type { ReactNode } from 'react';
import classes from './table.module.css';

interface Props {
  /** What the table is of, for those who don't see it. */
  readonly caption: string;
  readonly columns: readonly string[];
  /** Rows. */
  readonly children: ReactNode;
}

/** A table where there is room, and cards on a phone. */
export function DataTable({ caption, columns, children }: Props) {
  return (
    <div className={classes.frame}>
      <table className={classes.table} role="table" aria-label={caption}>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column) => (
              <th key={column} scope="col" role="columnheader">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">{children}</tbody>
      </table>
    </div>
  );
}

interface RowProps {
  /** What the row is called by: its first cell. */
  readonly name: ReactNode;
  /** Cells. */
  readonly children: ReactNode;
}

export function DataRow({ name, children }: RowProps) {
  return (
    <tr role="row">
      <th scope="row" role="rowheader">
        {name}
      </th>
      {children}
    </tr>
  );
}

/** Its label is that of the column; a card shows it beside the value. */
export function Cell({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <td role="cell" data-label={label}>
      {children}
    </td>
  );
}
