/** Small parts that every screen uses: glyphs, buttons, a command line to copy. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { Clipboard } from '@jupyterlab/apputils';
import * as React from 'react';
import { GLYPHS, Glyph } from '../glyphs';
import type { Shape } from '../status';

/** Colour class of each state shape; see `style/status.css`. */
const TINT: Record<Shape, string> = {
  running: 'st-run',
  queued: 'st-wait',
  preparing: 'st-prep',
  done: 'st-ok',
  failed: 'st-err',
  warn: 'st-warn',
  stopped: 'st-off',
  idle: 'st-idle',
  attached: 'st-att',
  stale: 'st-stale',
  pause: 'st-pause',
  box: 'st-pkg'
};

export function GlyphIcon(props: {
  glyph: Glyph;
  size?: number;
  className?: string;
}): JSX.Element {
  const size = props.size ?? 16;
  return (
    <svg
      className={props.className}
      viewBox="0 0 16 16"
      width={size}
      height={size}
      aria-hidden="true"
      dangerouslySetInnerHTML={{ __html: GLYPHS[props.glyph] }}
    />
  );
}

/** The shape alone: the word stands beside it. */
export function StateShape(props: {
  shape: Shape;
  size?: number;
}): JSX.Element {
  return (
    <GlyphIcon
      glyph={props.shape}
      size={props.size ?? 14}
      className={TINT[props.shape]}
    />
  );
}

export interface IButtonProps {
  label: string;
  glyph?: Glyph;
  kind?: 'accept' | 'danger';
  size?: 'sm' | 'md';
  disabled?: boolean;
  /** The reason when disabled, or more than the label says. */
  title?: string;
  tabIndex?: number;
  buttonRef?: React.Ref<HTMLButtonElement>;
  onClick(event: React.MouseEvent): void;
}

export function TextButton(props: IButtonProps): JSX.Element {
  const classes = ['btn', props.kind, props.size].filter(Boolean).join(' ');
  return (
    <button
      type="button"
      ref={props.buttonRef}
      className={classes}
      title={props.title}
      disabled={props.disabled}
      tabIndex={props.tabIndex}
      onClick={props.onClick}
    >
      {props.glyph && <GlyphIcon glyph={props.glyph} size={14} />}
      {props.label}
    </button>
  );
}

export function IconButton(
  props: IButtonProps & { glyph: Glyph }
): JSX.Element {
  return (
    <button
      type="button"
      ref={props.buttonRef}
      className="ib"
      aria-label={props.label}
      title={props.title ?? props.label}
      disabled={props.disabled}
      tabIndex={props.tabIndex}
      onClick={props.onClick}
    >
      <GlyphIcon glyph={props.glyph} />
    </button>
  );
}

export function LinkButton(props: {
  label: string;
  onClick(): void;
}): JSX.Element {
  return (
    <button type="button" className="lk" onClick={props.onClick}>
      {props.label}
    </button>
  );
}

/** A line to type elsewhere, with Copy. "Copied" is said to screen readers and shown. */
export function CommandLine(props: {
  text: string;
  trans: TranslationBundle;
}): JSX.Element {
  const { text, trans } = props;
  const [copied, setCopied] = React.useState(false);
  const copy = () => {
    Clipboard.copyToSystem(text);
    setCopied(true);
  };
  return (
    <span className="aml-cmd" onBlur={() => setCopied(false)}>
      <span className="text">{text}</span>
      <span className="s" role="status">
        {copied ? trans.__('Copied') : ''}
      </span>
      <IconButton
        glyph="copy"
        label={trans.__('Copy the line')}
        onClick={copy}
      />
    </span>
  );
}
