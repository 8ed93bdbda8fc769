/** The frame of every view in the main area: its header, and what is shown of what is not there. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';
import type { ApiError } from '../request';
import type { Shape } from '../status';
import { CommandIDs } from '../tokens';
import { StateShape, TextButton } from './controls';
import { ErrorMessage } from './message';

/** What it is, how it stands, the facts, and what can be done: each goes on in its own line. */
export function ViewHeader(props: {
  shape?: Shape;
  /** What it is a part of, before its name. */
  before?: React.ReactNode;
  name: string;
  /** Its version or state, in words. */
  state?: React.ReactNode;
  facts?: React.ReactNode;
  /** Told where there is room. */
  aside?: React.ReactNode;
  /** The buttons. */
  children?: React.ReactNode;
}): JSX.Element {
  const { shape, name } = props;
  return (
    <div className="hd">
      <span className="who">
        {props.before}
        {shape && <StateShape shape={shape} size={16} />}
        <h2 className="ell" title={name}>
          {name}
        </h2>
        {props.state}
      </span>
      <span className="s num facts">{props.facts}</span>
      {props.aside && <span className="s num aml-heard">{props.aside}</span>}
      {props.children && <span className="acts">{props.children}</span>}
    </div>
  );
}

/** A view whose object was not read: refused, still to come, or gone. */
export function UnknownView(props: {
  name: string;
  error?: ApiError | null;
  /** What to say where nothing was refused. */
  words: string;
  /** The way out: the list of those that are there. */
  list: { section: string; label: string };
  commands: CommandRegistry;
  trans: TranslationBundle;
}): JSX.Element {
  const { error, list, commands, trans } = props;
  return (
    <div className="aml aml-view">
      <ViewHeader name={props.name}>
        <TextButton
          label={list.label}
          onClick={() =>
            void commands.execute(CommandIDs.openPanel, {
              section: list.section
            })
          }
        />
      </ViewHeader>
      <div className="aml-note">
        {error ? (
          <ErrorMessage error={error} trans={trans} />
        ) : (
          <p className="s">{props.words}</p>
        )}
      </div>
    </div>
  );
}
