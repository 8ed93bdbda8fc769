import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { nodeState } from '../status';
import type { Node } from '../wire';
import { bytes } from '../words';
import { StateShape } from './controls';

/** Nodes as squares: filled running, half starting, empty up but free or not there. */
export function NodeSquares(props: {
  nodes: readonly Node[];
  total: number;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { nodes, total, trans } = props;
  if (total > 12) {
    return null; // words say it
  }
  const running = nodes.filter(node => node.state === 'running').length;
  const starting = nodes.filter(node => node.state === 'preparing').length;
  const free = Math.max(0, total - running - starting);
  const label = trans.__(
    '%1 running, %2 starting, %3 free',
    running,
    starting,
    free
  );
  const kinds = [
    ...Array<string>(running).fill('on'),
    ...Array<string>(starting).fill('half'),
    ...Array<string>(free).fill('')
  ];
  return (
    <span className="aml-nodes" role="img" aria-label={label}>
      {kinds.map((kind, index) => (
        <i key={index} className={kind} />
      ))}
    </span>
  );
}

/** One line a node: state, cores and memory in use now, what it really got. */
export function NodeList(props: {
  nodes: readonly Node[];
  trans: TranslationBundle;
}): JSX.Element {
  const { nodes, trans } = props;
  return (
    <ul className="aml-nodelist">
      {nodes.map(node => {
        const { shape, word } = nodeState(node, trans);
        return (
          <li key={node.name}>
            <span className="fx4">
              <StateShape shape={shape} size={12} />
              <span className="ell">{node.name}</span>
              <span className="s">{word}</span>
            </span>
            <span className="s num">{usage(node, trans)}</span>
            {node.note && <span className="s full">{node.note}</span>}
          </li>
        );
      })}
    </ul>
  );
}

function usage(node: Node, trans: TranslationBundle): string {
  const { sample } = node;
  if (!sample) {
    return '';
  }
  const limit = sample.memoryLimitBytes || node.memoryLimitBytes;
  return trans.__(
    '%1 of %2 cores, %3 of %4',
    sample.cpu.toFixed(1),
    node.cpus.length,
    bytes(sample.memoryBytes),
    bytes(limit)
  );
}
