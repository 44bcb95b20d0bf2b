// A small history: each entry knows how to do something and how to take it back.

/** `onMove` is told after each step in either direction, `onShape` when the history itself changed. */
export function historyOf(onMove, onShape) {
  const done = [];
  const undone = [];

  function step(from, to, way) {
    const entry = from.pop();
    if (!entry) return;
    entry[way]();
    to.push(entry);
    tell();
  }

  function tell() {
    onShape();
    onMove();
  }

  return {
    did(redo, undo) {
      redo();
      done.push({ redo, undo });
      undone.length = 0;
      tell();
    },
    undo: () => step(done, undone, "undo"),
    redo: () => step(undone, done, "redo"),
    get canUndo() {
      return done.length > 0;
    },
    get canRedo() {
      return undone.length > 0;
    },
  };
}
