import * as React from 'react';

export interface ITab {
  id: string;
  label: string;
}

/** Tabs over one panel: arrows move, as in JupyterLab's own; only the chosen panel is drawn. */
export function Tabs(props: {
  label: string;
  tabs: readonly ITab[];
  chosen: string;
  onChoose(id: string): void;
  children: React.ReactNode;
}): JSX.Element {
  const { tabs, chosen, onChoose } = props;
  const id = React.useId();
  const onKeyDown = (event: React.KeyboardEvent) => {
    const at = tabs.findIndex(tab => tab.id === chosen);
    const moves: Record<string, number> = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: tabs.length - 1
    };
    const move = moves[event.key];
    const next =
      move === undefined ? undefined : tabs[(move + tabs.length) % tabs.length];
    if (next) {
      event.preventDefault();
      onChoose(next.id);
      document.getElementById(`${id}-${next.id}`)?.focus();
    }
  };
  return (
    <>
      <div
        className="aml-tabs"
        role="tablist"
        aria-label={props.label}
        onKeyDown={onKeyDown}
      >
        {tabs.map(tab => (
          <button
            key={tab.id}
            id={`${id}-${tab.id}`}
            type="button"
            role="tab"
            aria-selected={tab.id === chosen}
            aria-controls={`${id}-panel`}
            tabIndex={tab.id === chosen ? 0 : -1}
            onClick={() => onChoose(tab.id)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      <div
        className="aml-tabpanel"
        id={`${id}-panel`}
        role="tabpanel"
        aria-labelledby={`${id}-${chosen}`}
      >
        {props.children}
      </div>
    </>
  );
}
