/** Fields of the forms: one of a few, and a number. */
import * as React from 'react';

export function Choice<T extends string>(props: {
  legend: string;
  name: string;
  value: T;
  options: readonly (readonly [T, string])[];
  onChange(value: T): void;
}): JSX.Element {
  return (
    <fieldset className="field">
      <legend>{props.legend}</legend>
      <span className="radios">
        {props.options.map(([value, label]) => (
          <label key={value}>
            <input
              type="radio"
              name={props.name}
              checked={props.value === value}
              onChange={() => props.onChange(value)}
            />
            {label}
          </label>
        ))}
      </span>
    </fieldset>
  );
}

export function NumberField(props: {
  label: string;
  value: number;
  min: number;
  max: number;
  onChange(value: number): void;
}): JSX.Element {
  const { min, max } = props;
  return (
    <label className="field">
      <span>{props.label}</span>
      <input
        type="number"
        min={min}
        max={max}
        value={props.value}
        onChange={event => {
          const value = Math.round(Number(event.target.value));
          props.onChange(Math.max(min, Math.min(max, value)));
        }}
      />
    </label>
  );
}

/** One of a few lengths of time, in the seconds that `value` counts. */
export function TimeField(props: {
  label: string;
  value: number;
  choices: readonly (readonly [number, string])[];
  onChange(value: number): void;
}): JSX.Element {
  const known = props.choices.some(([value]) => value === props.value);
  return (
    <label className="field">
      <span>{props.label}</span>
      <select
        value={props.value}
        onChange={event => props.onChange(Number(event.target.value))}
      >
        {!known && <option value={props.value}>{props.value}</option>}
        {props.choices.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
}
