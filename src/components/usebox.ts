import * as React from 'react';

export interface IRoom {
  width: number;
  height: number;
  /** Pixels of a letter's height: JupyterLab's font size is the person's choice. */
  font: number;
  isRtl: boolean;
}

/** How much room an element has now; null until it was measured. */
export function useBox<E extends HTMLElement>(): [
  React.RefObject<E>,
  IRoom | null
] {
  const element = React.useRef<E>(null);
  const [room, setRoom] = React.useState<IRoom | null>(null);
  React.useLayoutEffect(() => {
    const node = element.current;
    if (!node) {
      return;
    }
    const measure = () => {
      const style = getComputedStyle(node);
      setRoom({
        width: node.clientWidth,
        height: node.clientHeight,
        font: parseFloat(style.fontSize) || 13,
        isRtl: style.direction === 'rtl'
      });
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(node);
    return () => observer.disconnect();
  }, []);
  return [element, room];
}
