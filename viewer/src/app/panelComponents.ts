import { defineAsyncComponent, h } from 'vue'
import type { Component } from 'vue'
import { t } from '../locales'
import type { PanelDeclaration } from '../model/panel'
import ErrorState from '../ui/ErrorState.vue'
import Spinner from '../ui/Spinner.vue'

const SHOW_SPINNER_AFTER_MS = 150

const made = new Map<string, Component>()

const Waiting = { render: () => h('div', { class: 'panel-body' }, h(Spinner, { label: t('state.loading') })) }
const Failed = {
  render: () =>
    h(ErrorState, {
      title: t('state.error'),
      text: t('error.network'),
      retryLabel: t('action.retry'),
      onRetry: () => location.reload(),
    }),
}

/** The component of a panel, fetched when first shown. */
export function panelComponent(panel: PanelDeclaration): Component {
  const known = made.get(panel.id)
  if (known) return known
  const component = defineAsyncComponent({
    loader: panel.component,
    loadingComponent: Waiting,
    errorComponent: Failed,
    delay: SHOW_SPINNER_AFTER_MS,
  })
  made.set(panel.id, component)
  return component
}
