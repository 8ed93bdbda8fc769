import { LabIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';
import { GlyphIcon } from './controls';

export interface ISectionFrameProps {
  id: string;
  title: string;
  count?: string;
  /** Ids of commands drawn as icon buttons. */
  tools: readonly string[];
  commands: CommandRegistry;
  isOpen: boolean;
  onToggle(): void;
  children: React.ReactNode;
}

/** Title that opens and closes, a count, and at most two buttons. */
export function SectionFrame(props: ISectionFrameProps): JSX.Element {
  const { isOpen, commands } = props;
  const body = `aml-section-${props.id}`;
  return (
    <section>
      <div className={isOpen ? 'aml-h' : 'aml-h closed'}>
        <button
          type="button"
          className="t"
          aria-expanded={isOpen}
          aria-controls={body}
          onClick={props.onToggle}
        >
          <GlyphIcon glyph={isOpen ? 'down' : 'right'} size={14} />
          <span className="l">{props.title}</span>
          <span className="n">{props.count}</span>
        </button>
        {props.tools.map(id => (
          <CommandButton key={id} id={id} commands={commands} />
        ))}
      </div>
      <div id={body} hidden={!isOpen}>
        {isOpen && props.children}
      </div>
    </section>
  );
}

/** A command as an icon button, with its own label and icon. */
function CommandButton(props: {
  id: string;
  commands: CommandRegistry;
}): JSX.Element {
  const { id, commands } = props;
  const icon = commands.icon(id);
  const label = commands.label(id);
  const caption = commands.caption(id) || label;
  const isEnabled = commands.isEnabled(id);
  return (
    <button
      type="button"
      className="ib"
      aria-label={isEnabled ? label : `${caption}: ${label}`}
      title={caption}
      disabled={!isEnabled}
      onClick={() => void commands.execute(id)}
    >
      {icon instanceof LabIcon && <icon.react tag="span" width="16px" />}
    </button>
  );
}
