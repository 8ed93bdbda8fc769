import * as React from 'react';

/** Names and values, one pair a line; pairs without a value are left out. */
export function Facts(props: {
  facts: readonly (readonly [string, React.ReactNode])[];
}): JSX.Element {
  return (
    <dl className="aml-kv">
      {props.facts
        .filter(([, value]) => value !== '' && value !== null)
        .map(([name, value]) => (
          <React.Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </React.Fragment>
        ))}
    </dl>
  );
}
