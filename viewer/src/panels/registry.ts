import type { PanelDeclaration } from '../model/panel'

/** Every panel, in the order of the rail and of the tabs; a later one comes to the front. */
export const PANELS: readonly PanelDeclaration[] = [
  {
    id: 'layers',
    titleKey: 'panel.layers',
    icon: 'layers',
    zone: 'left',
    component: () => import('./layers/LayersPanel.vue'),
  },
  {
    id: 'search',
    titleKey: 'panel.search',
    icon: 'search',
    zone: 'search',
    component: () => import('./search/SearchPanel.vue'),
  },
  {
    id: 'incident',
    titleKey: 'panel.incident',
    icon: 'incident',
    zone: 'left',
    right: 'incidents:report',
    component: () => import('./incident/IncidentPanel.vue'),
  },
  {
    id: 'wall',
    titleKey: 'panel.wall',
    icon: 'wall',
    zone: 'left',
    component: () => import('./wall/WallPanel.vue'),
  },
  {
    id: 'feature',
    titleKey: 'panel.feature',
    icon: 'info',
    zone: 'right',
    follows: ({ selected }) => selected !== null,
    component: () => import('./feature/FeaturePanel.vue'),
  },
  {
    id: 'house',
    titleKey: 'panel.house',
    icon: 'building',
    zone: 'right',
    right: 'housing:read',
    follows: ({ selected }) => selected?.layer === 'buildings',
    component: () => import('./house/HousePanel.vue'),
  },
  {
    id: 'person',
    titleKey: 'panel.person',
    icon: 'account',
    zone: 'right',
    right: 'people:read',
    follows: ({ person }) => person !== null,
    component: () => import('./person/PersonPanel.vue'),
  },
  {
    id: 'reveal',
    titleKey: 'panel.reveal',
    icon: 'eye',
    zone: 'dialog',
    right: 'people:reveal',
    component: () => import('./reveal/RevealPanel.vue'),
  },
]
