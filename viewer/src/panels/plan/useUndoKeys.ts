import { onBeforeUnmount, onMounted } from 'vue'

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}

/** Ctrl+Z undoes, Ctrl+Y and Ctrl+Shift+Z redo, while nothing is being typed. */
export function useUndoKeys(isEditable: () => boolean, undo: () => Promise<void>, redo: () => Promise<void>) {
  function pressed(event: KeyboardEvent) {
    if (!(event.ctrlKey || event.metaKey) || isTyping(event.target) || !isEditable()) return
    const key = event.key.toLowerCase()
    if (key !== 'z' && key !== 'y') return
    event.preventDefault()
    void (key === 'y' || event.shiftKey ? redo() : undo())
  }

  onMounted(() => window.addEventListener('keydown', pressed))
  onBeforeUnmount(() => window.removeEventListener('keydown', pressed))
}
