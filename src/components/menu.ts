import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import { Menu } from '@lumino/widgets';
import type * as React from 'react';

export interface IMenuEntry {
  command: string;
  args: ReadonlyJSONObject;
}

/** Show commands as a menu below an element, or where a right click was. Focus returns to it. */
export function openMenu(
  commands: CommandRegistry,
  entries: readonly (IMenuEntry | null)[],
  anchor: Element,
  event?: React.MouseEvent
): void {
  const menu = new Menu({ commands });
  for (const entry of entries) {
    if (entry && commands.hasCommand(entry.command)) {
      menu.addItem(entry);
    } else if (!entry) {
      menu.addItem({ type: 'separator' });
    }
  }
  menu.aboutToClose.connect(() => {
    // After the command has run: it may open a dialog, which takes the focus for itself.
    setTimeout(() => {
      menu.dispose();
      if (anchor instanceof HTMLElement && isFocusLost()) {
        anchor.focus();
      }
    });
  });
  const box = anchor.getBoundingClientRect();
  const isPointer = event !== undefined && event.type === 'contextmenu';
  menu.open(
    isPointer ? event.clientX : box.left,
    isPointer ? event.clientY : box.bottom
  );
}

function isFocusLost(): boolean {
  const { activeElement } = document;
  return activeElement === null || activeElement === document.body;
}
